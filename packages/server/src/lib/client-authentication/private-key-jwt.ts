import type { SignatureAlgorithm } from '@countersign/verify'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import { ServerError } from '../server-error.ts'
import type { AssertionKind, PresentedAssertion } from './client-assertion.ts'
import type { CredentialKeys } from './credential-keys.ts'
import { isLive } from './live-credential.ts'
import { selfAssertionVerdict, type SelfAssertionPolicy } from './self-assertion.ts'
import { signatureTrial } from './signature-trial.ts'
import { standInVerifier } from './stand-in-verifier.ts'

/**
 * `private_key_jwt`: an assertion signed with a key whose public half is registered, or published by the
 * client.
 *
 * `algorithms` are those this server takes at all; each credential narrows them further. One signature
 * is checked at least, for an unknown client too.
 * Source: RFC 7523 sections 2.2 and 3; RFC 8725 section 3.1.
 */
export function privateKeyJwt({
  keys,
  algorithms,
  policy,
}: {
  readonly keys: CredentialKeys
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly policy: SelfAssertionPolicy
}): AssertionKind {
  return (assertion, { now }) => ({
    // The one it says it is about; `iss` must be the same, which is checked once it is verified.
    clientId: assertion.sub ?? assertion.iss,
    async verify(client) {
      const { alg } = assertion.header
      const algorithm = Array.from(algorithms).find((one) => one === alg)
      const signed = await findSigner(client, assertion, algorithm, { keys, now })
      if (typeof signed === 'string') return { ok: false, reason: reasonOf(signed, assertion) }
      return selfAssertionVerdict(assertion, {
        method: 'private_key_jwt',
        credential: signed,
        now,
        policy,
      })
    },
  })
}

/** The credential in force whose key made the signature; else why there is none. */
async function findSigner(
  client: RegisteredClient | undefined,
  assertion: PresentedAssertion,
  algorithm: SignatureAlgorithm | undefined,
  { keys, now }: { readonly keys: CredentialKeys; readonly now: number },
): Promise<CredentialRecord | RefusalReason> {
  let reason: RefusalReason = client === undefined ? 'client_unknown' : 'assertion_key_unknown'
  let ended = false
  const trial = signatureTrial(assertion)
  let anyKey = false
  let unavailable: ServerError | undefined
  for (const credential of client?.credentials.values() ?? []) {
    if (credential.kind !== 'public_key' && credential.kind !== 'key_set') continue
    anyKey = true
    if (algorithm === undefined || !keys.accepts(credential, algorithm)) continue
    // A key set that is no longer in force is not fetched: whoever owns its address may have changed.
    const live = isLive(credential, now)
    if (credential.kind === 'key_set' && !live) continue
    const signed = await keys.check(credential, algorithm, assertion.header.kid, trial.check)
    if (typeof signed === 'object') {
      const message = `the key set of credential ${credential.credentialId} cannot be fetched: ${signed.fault}`
      unavailable = new ServerError('ERR_KEYS', message)
    } else if (signed && live) return credential
    else if (signed) ended = true
  }
  if (anyKey && (algorithm === undefined || !acceptsAny(client, algorithm, keys))) {
    reason = 'assertion_algorithm_wrong'
  } else if (trial.checks > 0) reason = 'assertion_signature_wrong'
  if (trial.checks === 0) await trial.check([standInVerifier(algorithm)])
  if (ended) return 'credential_ended'
  if (unavailable !== undefined) throw unavailable
  return reason
}

function acceptsAny(
  client: RegisteredClient | undefined,
  algorithm: SignatureAlgorithm,
  keys: CredentialKeys,
): boolean {
  const credentials = Array.from(client?.credentials.values() ?? [])
  return credentials.some(
    (one) => (one.kind === 'public_key' || one.kind === 'key_set') && keys.accepts(one, algorithm),
  )
}

/** Where `iss` and `sub` differ, it is an assertion about a workload by somebody we do not know. */
function reasonOf(reason: RefusalReason, { iss, sub }: PresentedAssertion): RefusalReason {
  const foreign = iss !== undefined && sub !== undefined && iss !== sub
  return reason === 'client_unknown' && foreign ? 'assertion_issuer_unknown' : reason
}
