import type { AccessTokenClaims } from '@countersign/protocol'
import type { GuardRequest } from '../guard/guard-request.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import { RFC9068_PROFILE } from '../profile/rfc9068-profile.ts'
import type { TokenProfile } from '../profile/token-profile.ts'
import type { RuleTerms } from '../rule/rule.ts'
import { toPrincipal, type Principal } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'

/**
 * Judges a token by itself: who issued it, for whom, until when. Never rejects. `request` is what brought it,
 * which decides nothing but whether its issuer may be asked about it.
 */
export type TokenVerifier = (
  token: string,
  request: GuardRequest,
) => TokenOutcome | Promise<TokenOutcome>

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
  // What each call asks about, here so that it need not be fetched from deeper down: most of what a
  // remembered token costs is memory that is not in the processor's caches.
  /** Seconds, as in the claims. */
  readonly exp: number
  readonly nbf: number | undefined
  readonly iat: number
  /** Whether it has a `cnf`, whatever is in it. */
  readonly isBound: boolean
  /** Thumbprint of the key that signed it (RFC 7638); `undefined` where its issuer was asked. */
  readonly key: string | undefined
  /** The algorithm and the `kid` that its key is looked up by; `undefined` where its issuer was asked. */
  readonly alg: string | undefined
  readonly kid: string | undefined
  /**
   * Judges it again by what may have changed since, its times and the keys of its issuer: the token
   * itself, or why it is refused by now. `undefined` where only its signature could tell. Without this
   * function nobody can say later, and the token must not be remembered. It is one for all tokens of an issuer.
   */
  readonly recheck: Recheck | undefined
  /** The keys by which `recheck` last found that its key stands. */
  stoodBy: object | undefined
  /** The terms under which its principal last passed: neither of the two ever changes. */
  passed: RuleTerms | undefined
  /** Every character of it, where it is remembered, and what that takes in bytes. */
  text: string | undefined
  bytes: number
}

export type Recheck = (
  token: VerifiedAccessToken,
) => TokenOutcome | undefined | Promise<TokenOutcome | undefined>

export interface RefusedToken {
  readonly ok: false
  readonly reason: DenialReason
  /** Milliseconds; only for an outage. */
  readonly retryAfter?: number
  /** Which of the guard's issuers judged it; none did where it names none of them. */
  readonly issuer?: string
  /** Only once the issuer has vouched for the token. */
  readonly clientId?: string
}

/** What is known of a token whose claims are true. Without a profile it is one of RFC 9068. */
export function verifiedAccessToken(
  claims: AccessTokenClaims,
  {
    key,
    signature: { alg, kid } = {},
    recheck,
    profile = RFC9068_PROFILE,
    principal = toPrincipal(claims),
  }: Partial<Pick<VerifiedAccessToken, 'key' | 'recheck' | 'profile' | 'principal'>> & {
    readonly signature?: Partial<Pick<VerifiedAccessToken, 'alg' | 'kid'>>
  } = {},
): VerifiedAccessToken {
  const { iat, nbf, exp, all } = claims
  return {
    ok: true,
    claims,
    principal,
    profile,
    view: tokenView(claims),
    exp,
    nbf,
    iat,
    isBound: 'cnf' in all,
    key,
    alg,
    kid,
    recheck,
    stoodBy: undefined,
    passed: undefined,
    text: undefined,
    bytes: 0,
  }
}

/** What handlers see of a token with these claims. */
export function tokenView({ iss, aud, jti, iat, exp, all }: AccessTokenClaims): VerifiedToken {
  return {
    issuer: iss,
    audience: aud,
    id: jti,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
    claims: all,
  }
}
