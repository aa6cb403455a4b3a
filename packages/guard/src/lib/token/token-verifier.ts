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

/** All that a good token says. Made once, frozen, and shared by every call that brings the token. */
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
}

export interface RefusedToken {
  readonly ok: false
  readonly reason: DenialReason
  /** Milliseconds; only for an outage. */
  readonly retryAfter?: number
  /** Only once the issuer has vouched for the token. */
  readonly clientId?: string
}

/**
 * What is known of a token whose claims are true; `key` is the thumbprint of the one that signed it. Without
 * a profile the token is one of RFC 9068.
 */
export function verifiedAccessToken(
  claims: AccessTokenClaims,
  key: string | undefined,
  profile: TokenProfile = RFC9068_PROFILE,
  principal: Principal = toPrincipal(claims),
): VerifiedAccessToken {
  const { iss, aud, jti, iat, exp, all } = claims
  const view: VerifiedToken = Object.freeze({
    issuer: iss,
    audience: aud,
    id: jti,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
    claims: all,
  })
  return Object.freeze({
    ok: true,
    claims,
    principal: Object.freeze(principal),
    profile,
    view,
    key,
  })
}
