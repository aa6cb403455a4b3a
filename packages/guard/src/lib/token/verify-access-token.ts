import {
  ACCESS_TOKEN_TYPE,
  parseAccessTokenClaims,
  type AccessTokenClaims,
} from '@countersign/protocol'
import type { KeySource } from '@countersign/verify'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import { checkClaims, type ClaimsPolicy } from './check-claims.ts'
import { verifyJws } from './verify-jws.ts'

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
      /** Only once the issuer has vouched for the token. */
      readonly clientId?: string
    }

/**
 * Verifies a JWT access token: signature, type, claims.
 *
 * Source: RFC 9068 section 4.
 */
export async function verifyAccessToken(
  token: string,
  policy: TokenPolicy,
  keys: KeySource,
  now: () => number,
): Promise<TokenOutcome> {
  const { algorithms } = policy
  const verified = await verifyJws(token, { algorithms, type: ACCESS_TOKEN_TYPE }, keys)
  if (!verified.ok) return verified
  const claims = parseAccessTokenClaims(verified.payload)
  if (!claims.ok) return { ok: false, reason: 'malformed_claims' }
  const reason = checkClaims(claims.value, policy, now())
  if (reason !== undefined) return { ok: false, reason, clientId: claims.value.client_id }
  return { ok: true, claims: claims.value }
}
