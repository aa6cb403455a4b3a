import { randomBytes } from 'node:crypto'
import { importHmacVerifier, type SignatureVerifier } from '@countersign/verify'
import type { CredentialBase, CredentialRecord, SecretProof } from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { openSecret } from '../secrets/sealed-secret.ts'
import type { AssertionKind, PresentedAssertion } from './client-assertion.ts'
import { isLive } from './live-credential.ts'
import { selfAssertionVerdict, type SelfAssertionPolicy } from './self-assertion.ts'

type SecretCredential = CredentialBase & SecretProof
type Verifiers = (credential: SecretCredential) => Promise<SignatureVerifier | undefined>

/**
 * `client_secret_jwt`: an assertion with an HMAC under a secret that this server made and keeps sealed.
 *
 * HS256 only. No public key ever ends here: what is registered as a key is of another kind, whatever
 * algorithm an assertion names.
 * Source: RFC 7523 sections 2.2 and 3; RFC 7518 section 3.2; RFC 8725 section 3.1.
 */
export function clientSecretJwt({
  keyRing,
  policy,
}: {
  readonly keyRing: KeyRing
  readonly policy: SelfAssertionPolicy
}): AssertionKind {
  const known = new WeakMap<SecretCredential, Promise<SignatureVerifier | undefined>>()
  const verifierOf: Verifiers = (credential) => {
    const made = known.get(credential) ?? importSecret(openSecret(keyRing, credential))
    known.set(credential, made)
    return made
  }
  return (assertion, { now }) => {
    if (!assertion.header.alg.startsWith('HS')) return undefined
    return {
      clientId: assertion.sub ?? assertion.iss,
      async verify(client) {
        const signed = await findSigner(client, assertion, verifierOf, now)
        if (typeof signed === 'string') return { ok: false, reason: signed }
        return selfAssertionVerdict(assertion, {
          method: 'client_secret_jwt',
          credential: signed,
          now,
          policy,
        })
      },
    }
  }
}

/** The credential in force whose secret made the signature; else why there is none. */
async function findSigner(
  client: RegisteredClient | undefined,
  { header, signingInput, signature }: PresentedAssertion,
  verifierOf: Verifiers,
  now: number,
): Promise<CredentialRecord | RefusalReason> {
  let ended = false
  let sealed = 0
  let checks = 0
  for (const credential of client?.credentials.values() ?? []) {
    if (credential.kind !== 'secret' || credential.sealedSecret === null) continue
    sealed++
    const verifier = header.alg === 'HS256' ? await verifierOf(credential) : undefined
    if (verifier === undefined) continue
    checks++
    if (!(await verifier.verify(signingInput, signature))) continue
    if (isLive(credential, now)) return credential
    ended = true
  }
  if (checks === 0) await (await standInVerifier())?.verify(signingInput, signature)
  if (ended) return 'credential_ended'
  if (client === undefined) return 'client_unknown'
  // A client without such a secret has other keys, or none: HMAC is not for it.
  if (header.alg !== 'HS256' || sealed === 0) return 'assertion_algorithm_wrong'
  return checks === 0 ? 'master_key_missing' : 'assertion_signature_wrong'
}

async function importSecret(text: string | undefined): Promise<SignatureVerifier | undefined> {
  return text === undefined ? undefined : importHmacVerifier(text)
}

let standIn: Promise<SignatureVerifier | undefined> | undefined

/** Of a secret that nobody has. Not made before it is needed: WebCrypto takes long to load. */
function standInVerifier(): Promise<SignatureVerifier | undefined> {
  return (standIn ??= importHmacVerifier(randomBytes(32).toString('base64url')))
}
