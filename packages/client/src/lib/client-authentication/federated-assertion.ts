import { ArgumentError, assertKnownOptions, parseCompactJws } from '@countersign/protocol'
import { credentialFailure } from '../errors/credential-failure.ts'
import { isTokenError } from '../errors/token-error.ts'
import type { SecretRead, SecretSource } from '../secrets/secret-source.ts'
import { presentClientAssertion, type ClientAssertionType } from './client-assertion.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'

/** What kind of assertion it is. */
export interface FederatedAssertionOptions {
  /** Default `jwt-bearer`; `jwt-spiffe` for servers that know SPIFFE JWT-SVIDs as such. */
  readonly type?: ClientAssertionType
}

/** Longest assertion that is sent, in characters. */
const MAX_ASSERTION = 16_384

/**
 * Authentication with an assertion that the platform gives this workload: no secret to keep.
 *
 * For projected service account tokens of Kubernetes, SPIFFE JWT-SVIDs, GitHub Actions and the like.
 * The source is `fromFile(path)`, `githubActionsToken(…)` or any function; of a list, the first is
 * taken. It is read for each exchange and nothing is kept, so files that are replaced in their place
 * are followed. After a refusal it is read once more, and sent if it gives another assertion.
 *
 * Tokens are kept under who the assertion speaks of (`iss`, `sub`, `aud`), not under its text, which
 * is different every time.
 *
 * Throws when made: `ArgumentError`. Rejects when used: `ERR_CREDENTIAL`.
 * Source: RFC 7523 section 2.2; draft-ietf-oauth-spiffe-client-auth section 3.1.
 *
 * @example clientAuthentication: federatedAssertion(fromFile('/var/run/secrets/tokens/as-token'))
 */
export function federatedAssertion(
  source: SecretSource,
  options: FederatedAssertionOptions = {},
): ClientAuthentication {
  if (typeof source !== 'function') {
    const message = "federatedAssertion: 'source' must be a function, such as fromFile(path) gives"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'source', message)
  }
  assertKnownOptions('federatedAssertion', options, ['type'])
  const { type = 'jwt-bearer' }: FederatedAssertionOptions = options
  if (type !== 'jwt-bearer' && type !== 'jwt-spiffe') {
    const message = "federatedAssertion: 'type' must be 'jwt-bearer' or 'jwt-spiffe'"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'type', message)
  }
  return {
    method: 'private_key_jwt',
    async authenticate({ clientId }, refused) {
      // A source that gives another one each time would be asked for ever.
      if (refused.length > 1) return undefined
      const assertion = await readAssertion(source, { reread: refused.length > 0 })
      const isSpent = refused.some((proof) => proof.parameters.at(-1)?.[1] === assertion)
      return isSpent ? undefined : presentClientAssertion(clientId, assertion, type)
    },
    async fingerprint() {
      const assertion = await readAssertion(source, {})
      const jws = parseCompactJws(assertion)
      if (!jws.ok) return credentialFingerprint([type, assertion])
      const { iss, sub, aud } = jws.value.payload
      return credentialFingerprint([type, iss ?? null, sub ?? null, aud ?? null])
    },
  }
}

async function readAssertion(source: SecretSource, read: SecretRead): Promise<string> {
  let answer: unknown
  try {
    answer = await source(read)
  } catch (error) {
    // Foreign errors may quote the assertion.
    if (isTokenError(error)) throw error
    throw credentialFailure(
      'the source of the assertion failed',
      'Run the source by itself to see why',
    )
  }
  const first: unknown = Array.isArray(answer) ? answer[0] : answer
  const text = typeof first === 'string' ? first.trim() : ''
  if (/^[\x21-\x7e]+$/.test(text) && text.length <= MAX_ASSERTION) return text
  throw credentialFailure('the source gave no assertion', 'It must give a JWT in compact form')
}
