import type { AccessTokenClaims } from '@countersign/protocol'
import type { TokenProfile } from '../profile/token-profile.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'

/** What the claims of a token must agree with. */
export interface ClaimsPolicy {
  readonly issuer: string
  /** Identifiers of this API; a token must name at least one. */
  readonly audience: readonly string[]
  /** The clients whose tokens are taken where tokens name no API; `undefined` where they do. */
  readonly clients: ReadonlySet<string> | undefined
  /** Milliseconds that the clocks may differ. */
  readonly clockTolerance: number
  readonly profile: TokenProfile
}

/** How far ahead `iat` may lie, milliseconds. Source: FAPI 2.0 Security Profile section 5.3.2.1. */
const MAX_ISSUED_AHEAD = 60_000
// The end of the year 9999. Milliseconds taken for seconds lie beyond it and would never expire.
const LAST_NUMERIC_DATE = 253_402_300_799

/**
 * Whether the claims of a token are true for this API at the instant `now`; the reason when not.
 *
 * Source: RFC 9068 section 4; RFC 7519 sections 4.1.1 to 4.1.6.
 */
export function checkClaims(
  claims: AccessTokenClaims,
  policy: ClaimsPolicy,
  now: number,
): DenialReason | undefined {
  if (claims.iss !== policy.issuer) return 'wrong_issuer'
  if (!isForUs(claims, policy)) return 'wrong_audience'
  if (claims.exp > LAST_NUMERIC_DATE) return 'malformed_claims'
  return checkTimes(claims, policy, now)
}

/** The part of {@link checkClaims} that may come out otherwise later: all else stands as it is signed. */
export function checkTimes(
  { exp, nbf, iat }: Pick<AccessTokenClaims, 'exp' | 'nbf' | 'iat'>,
  { clockTolerance, profile }: ClaimsPolicy,
  now: number,
): DenialReason | undefined {
  if (now >= exp * 1000 + clockTolerance) return 'expired'
  if (nbf !== undefined && now < nbf * 1000 - Math.max(clockTolerance, profile.notBeforeTolerance))
    return 'not_yet_valid'
  if (iat * 1000 > now + MAX_ISSUED_AHEAD) return 'issued_in_future'
  return undefined
}

/** A token that names APIs must name this one, also where clients are what counts. */
function isForUs(
  { aud, client_id: clientId }: AccessTokenClaims,
  { audience, clients }: ClaimsPolicy,
): boolean {
  const isNamed = haveOneInCommon(aud, audience)
  return clients === undefined ? isNamed : clients.has(clientId) && (aud.length === 0 || isNamed)
}

function haveOneInCommon(some: readonly string[], others: readonly string[]): boolean {
  for (const one of some) {
    if (others.includes(one)) return true
  }
  return false
}
