import { parseBasicCredentials } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'
import type { AuthenticationMethodName } from './method-names.ts'
import { secretFlaw } from './secret-flaw.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { isGeneratedSecret } from '../secrets/generated-secret.ts'
import { digestsEqual, secretDigest } from '../secrets/secret-digest.ts'
import type {
  AuthenticationMethod,
  AuthenticationView,
  ProofVerdict,
} from './authentication-method.ts'
import type { ImportedSecretCheck } from './imported-secret.ts'
import { isLive } from './live-credential.ts'

/** What secrets are compared with. */
export interface SecretChecking {
  readonly keyRing: KeyRing
  readonly checkImported: ImportedSecretCheck
}

/**
 * `client_secret_basic`: identifier and secret in the Authorization header, each form-encoded.
 *
 * Source: RFC 6749 section 2.3.1.
 */
export function clientSecretBasic(checking: SecretChecking): AuthenticationMethod {
  return ({ request }, _form, view) => {
    const header = request.headers.get('authorization')
    if (header === null) return undefined
    if (!/^basic(?: |$)/i.test(header)) throw new ProtocolError('method_unsupported')
    const credentials = parseBasicCredentials(header)
    if (!credentials.ok) throw new ProtocolError('basic_malformed')
    const { clientId, clientSecret: secret } = credentials.value
    return {
      clientId,
      verify: (client) =>
        verifySecret(checking, view, { method: 'client_secret_basic', clientId, client, secret }),
    }
  }
}

/** `client_secret_post`: identifier and secret in the body. Source: RFC 6749 section 2.3.1. */
export function clientSecretPost(checking: SecretChecking): AuthenticationMethod {
  return (_received, form, view) => {
    const secret = form.get('client_secret')?.[0]
    if (secret === undefined) return undefined
    const clientId = form.get('client_id')?.[0]
    if (clientId === undefined) throw new ProtocolError('credentials_missing')
    return {
      clientId,
      verify: (client) =>
        verifySecret(checking, view, { method: 'client_secret_post', clientId, client, secret }),
    }
  }
}

interface PresentedSecret {
  readonly method: AuthenticationMethodName
  readonly clientId: string
  readonly client: RegisteredClient | undefined
  readonly secret: string
}

/**
 * Compares a secret with the credentials it can belong to, which its form alone decides: one that this
 * server made with digests, any other with slow hashes, where anybody has such. So the time taken says
 * nothing about the client.
 */
function verifySecret(
  { keyRing, checkImported }: SecretChecking,
  view: AuthenticationView,
  presented: PresentedSecret,
): ProofVerdict | Promise<ProofVerdict> {
  const { method, client, secret } = presented
  if (isGeneratedSecret(secret)) {
    return verdictOf(method, compareDigests(keyRing, secret, client), view.now, 'secret_wrong')
  }
  const checked = checkImported(presented, view.snapshot)
  if (checked === undefined) {
    if (client === undefined) return { ok: false, reason: 'client_unknown' }
    const flaw = secretFlaw(secret)
    return { ok: false, reason: 'secret_malformed', detail: flaw ? { secretFlaw: flaw } : {} }
  }
  return checked.then((matching) => verdictOf(method, matching, view.now, 'secret_wrong'))
}

/** The credential that a secret belongs to, one in force if there is one; or why there is none. */
function verdictOf(
  method: AuthenticationMethodName,
  matching: readonly CredentialRecord[] | RefusalReason,
  now: number,
  otherwise: RefusalReason,
): ProofVerdict {
  if (typeof matching === 'string') return { ok: false, reason: matching }
  const credential = matching.find((one) => isLive(one, now))
  if (credential !== undefined) return { ok: true, method, credential }
  const [ended] = matching
  if (ended === undefined) return { ok: false, reason: otherwise }
  const { credentialId, label, state, expiresAt } = ended
  const detail = {
    credentialId,
    credentialLabel: label,
    ...(state === 'active' ? { expiredAt: expiresAt } : { disabled: true }),
  }
  return { ok: false, reason: 'secret_expired', detail }
}

/**
 * Every credential of a client that has this secret, expired ones included: whether one is still good is
 * looked at last, so that the work done does not depend on it.
 */
function compareDigests(
  keyRing: KeyRing,
  secret: string,
  client: RegisteredClient | undefined,
): readonly CredentialRecord[] | RefusalReason {
  const { current } = keyRing
  let version = current.version
  let digest = secretDigest(current.pepper, secret)
  if (client === undefined) {
    digestsEqual(digest, NO_DIGEST)
    return 'client_unknown'
  }
  const matching: CredentialRecord[] = []
  let secrets = 0
  let comparable = 0
  for (const credential of client.credentials.values()) {
    if (credential.kind !== 'secret') continue
    secrets++
    const keys = keyRing.of(credential.masterKeyVersion)
    if (keys === undefined) continue
    comparable++
    if (keys.version !== version) {
      version = keys.version
      digest = secretDigest(keys.pepper, secret)
    }
    if (digestsEqual(digest, Buffer.from(credential.digest, 'base64url'))) matching.push(credential)
  }
  return comparable === 0 && secrets > 0 ? 'master_key_missing' : matching
}

/** Stands in for the digest of an unknown client. */
const NO_DIGEST = new Uint8Array(32)
