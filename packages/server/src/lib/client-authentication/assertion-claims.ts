import type { JsonObject } from '@countersign/protocol'
import type { RefusalReason } from '../refusal-reasons.ts'

/** Why the claims of an assertion are not accepted. */
export interface ClaimFault {
  readonly reason: RefusalReason
  readonly detail?: JsonObject
}

/** How long assertions may live, and how far clocks may differ. Milliseconds. */
export interface AssertionTimes {
  /** The furthest ahead `exp` may be. */
  readonly maxLifetime: number
  /** How far the clock of whoever signed may be from ours, either way. */
  readonly clockTolerance: number
}

/**
 * What is wrong with the times of an assertion: `exp` must be there, not past and not far ahead; `nbf`
 * and `iat`, where they are, must not be in the future.
 *
 * Source: RFC 7523 section 3; RFC 7519 sections 2, 4.1.4 and 4.1.5.
 */
export function timeFault(
  { exp, nbf, iat }: JsonObject,
  { maxLifetime, clockTolerance }: AssertionTimes,
  now: number,
): ClaimFault | undefined {
  if (!isInstant(exp)) return { reason: 'assertion_claim_missing', detail: { claim: 'exp' } }
  for (const [claim, value] of Object.entries({ nbf, iat })) {
    if (value !== undefined && !isInstant(value)) {
      return { reason: 'assertion_claim_missing', detail: { claim } }
    }
  }
  // `clockOffSeconds`: 47 is ahead of ours by 47 s, -47 behind. `iat` is when the assertion was made,
  // which is the moment before it came: what it differs from our clock by is what the other clock is
  // off. Without it the instant that is out of bounds must do.
  const off = (instant: number): JsonObject => ({
    clockOffSeconds: Math.round((isInstant(iat) ? iat : instant) - now / 1000),
  })
  if (exp * 1000 + clockTolerance <= now) return { reason: 'assertion_expired', detail: off(exp) }
  const notBefore = Math.max(isInstant(nbf) ? nbf : 0, isInstant(iat) ? iat : 0)
  if (notBefore * 1000 > now + clockTolerance) {
    return { reason: 'assertion_not_yet_valid', detail: off(notBefore) }
  }
  if (exp * 1000 > now + maxLifetime + clockTolerance) {
    return { reason: 'assertion_life_too_long', detail: off(exp - maxLifetime / 1000) }
  }
  return undefined
}

/** The `jti` of an assertion, where it has one that can be used: 1 to 256 characters. */
export function assertionId({ jti }: JsonObject): string | undefined {
  return typeof jti === 'string' && jti !== '' && jti.length <= 256 ? jti : undefined
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
