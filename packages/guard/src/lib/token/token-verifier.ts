import type { AccessTokenClaims } from '@countersign/protocol'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import { RFC9068_PROFILE } from '../profile/rfc9068-profile.ts'
import type { TokenProfile } from '../profile/token-profile.ts'
import { toPrincipal, type Principal } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'

/** Judges a token by itself: who issued it, for whom, until when. Never rejects. */
export type TokenVerifier = (token: string) => TokenOutcome | Promise<TokenOutcome>

/** A token that is good, or why it is not. */
export type TokenOutcome = VerifiedAccessToken | RefusedToken

/**
 * All that a good token says, made once. Who gives it to more than one call freezes it whole: what a
 * handler does with it must not reach the next.
 */
export interface VerifiedAccessToken {
  readonly ok: true
  readonly claims: AccessTokenClaims
  readonly principal: Principal
  /** The profile of its issuer. */
  readonly profile: TokenProfile
  /** What handlers see. */
  readonly view: VerifiedToken
  /** Thumbprint of the key that signed it (RFC 7638); `undefined` where its issuer was asked. */
  readonly key: string | undefined
  /**
   * Judges it again by what may have changed since, its times and the keys of its issuer: the token
   * itself, or why it is refused by now. `undefined` where only its signature could tell. Without this
   * function nobody can say later, and the token must not be remembered.
   */
  readonly recheck: Recheck | undefined
}

export type Recheck = () => TokenOutcome | undefined | Promise<TokenOutcome | undefined>

export interface RefusedToken {
  readonly ok: false
  readonly reason: DenialReason
  /** Milliseconds; only for an outage. */
  readonly retryAfter?: number
  /** Only once the issuer has vouched for the token. */
  readonly clientId?: string
}

/** What is known of a token whose claims are true. Without a profile it is one of RFC 9068. */
export function verifiedAccessToken(
  claims: AccessTokenClaims,
  {
    key,
    recheck,
    profile = RFC9068_PROFILE,
    principal = toPrincipal(claims),
  }: Partial<Pick<VerifiedAccessToken, 'key' | 'recheck' | 'profile' | 'principal'>> = {},
): VerifiedAccessToken {
  const { iss, aud, jti, iat, exp, all } = claims
  const view: VerifiedToken = {
    issuer: iss,
    audience: aud,
    id: jti,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
    claims: all,
  }
  return { ok: true, claims, principal, profile, view, key, recheck }
}
