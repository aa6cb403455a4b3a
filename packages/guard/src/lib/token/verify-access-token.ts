import {
  ACCESS_TOKEN_TYPE,
  parseAccessTokenClaims,
  parseCompactJws,
  type AccessTokenClaims,
} from '@countersign/protocol'
import type { KeySource, SignatureVerifier } from '@countersign/verify'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import { checkClaims, type ClaimsPolicy } from './check-claims.ts'

/** What a token must satisfy. */
export interface TokenPolicy extends ClaimsPolicy {
  readonly algorithms: ReadonlySet<string>
}

/** The claims of a token that is good, or why it is not. */
export type TokenOutcome =
  | { readonly ok: true; readonly claims: AccessTokenClaims }
  | {
      readonly ok: false
      readonly reason: DenialReason
      /** Milliseconds; only for an outage. */
      readonly retryAfter?: number
      /** Only once the signature has been verified. */
      readonly clientId?: string
    }

/**
 * Verifies a JWT access token, cheap checks first: shape, policy, key, signature, claims.
 *
 * The header chooses a key by `kid` and `alg` within the policy and nothing more: `jku`, `jwk`, `x5u`
 * and `x5c` are not looked at.
 * Source: RFC 9068 section 4; RFC 8725 sections 3.1, 3.10 and 3.11.
 */
export async function verifyAccessToken(
  token: string,
  policy: TokenPolicy,
  keys: KeySource,
  now: () => number,
): Promise<TokenOutcome> {
  const jws = parseCompactJws(token)
  if (!jws.ok) return { ok: false, reason: 'malformed_token' }
  const { header, payload, signingInput, signature } = jws.value
  const { alg, kid, typ } = header
  if (!policy.algorithms.has(alg)) return { ok: false, reason: 'algorithm_not_allowed' }
  if (typ !== ACCESS_TOKEN_TYPE) return { ok: false, reason: 'wrong_type' }

  const looked = keys.find(alg, kid)
  // An await costs a turn of the queue: only where there is something to wait for.
  const lookup = looked instanceof Promise ? await looked : looked
  if (lookup.kind === 'unavailable') {
    return { ok: false, reason: 'keys_unavailable', retryAfter: lookup.retryAfter }
  }
  if (lookup.kind === 'unknown') return { ok: false, reason: 'unknown_key' }

  if (!(await anyVerifies(lookup.keys, signingInput, signature))) {
    const replaced = await keys.findReplaced(alg, kid)
    if (replaced.kind !== 'found' || !(await anyVerifies(replaced.keys, signingInput, signature))) {
      return { ok: false, reason: 'bad_signature' }
    }
  }

  const claims = parseAccessTokenClaims(payload)
  if (!claims.ok) return { ok: false, reason: 'malformed_claims' }
  const reason = checkClaims(claims.value, policy, now())
  if (reason !== undefined) return { ok: false, reason, clientId: claims.value.client_id }
  return { ok: true, claims: claims.value }
}

async function anyVerifies(
  keys: readonly SignatureVerifier[],
  input: string,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const key of keys) {
    const good = key.verify(input, signature)
    if (typeof good === 'boolean' ? good : await good) return true
  }
  return false
}
