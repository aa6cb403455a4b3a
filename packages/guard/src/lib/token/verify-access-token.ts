import { ACCESS_TOKEN_TYPE, parseAccessTokenClaims } from '@countersign/protocol'
import type { KeySource } from '@countersign/verify'
import { onceKnown } from '../once-known.ts'
import { checkClaims, type ClaimsPolicy } from './check-claims.ts'
import { verifiedAccessToken, type TokenOutcome } from './token-verifier.ts'
import { verifyJws, type JwsOutcome } from './verify-jws.ts'

/** What a token must satisfy. */
export interface TokenPolicy extends ClaimsPolicy {
  readonly algorithms: ReadonlySet<string>
}

/**
 * Verifies a JWT access token: signature, type, claims. At once where the key is held and the runtime
 * checks signatures in place.
 *
 * Source: RFC 9068 section 4.
 */
export function verifyAccessToken(
  token: string,
  policy: TokenPolicy,
  keys: KeySource,
  now: () => number,
): TokenOutcome | Promise<TokenOutcome> {
  const { algorithms } = policy
  const verified = verifyJws(token, { algorithms, type: ACCESS_TOKEN_TYPE }, keys)
  return onceKnown(verified, (jws) => judge(jws, policy, now))
}

function judge(jws: JwsOutcome, policy: TokenPolicy, now: () => number): TokenOutcome {
  if (!jws.ok) return jws
  const claims = parseAccessTokenClaims(jws.payload)
  if (!claims.ok) return { ok: false, reason: 'malformed_claims' }
  const reason = checkClaims(claims.value, policy, now())
  if (reason !== undefined) return { ok: false, reason, clientId: claims.value.client_id }
  return verifiedAccessToken(claims.value, jws.key)
}
