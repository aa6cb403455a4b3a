import type { AccessToken } from '../access-token.ts'

/** The instants of a held token, fixed once when it arrives. */
export interface RenewalSchedule {
  /** From here on one renewal runs in the background while callers get the held token. */
  readonly renewAt: number
  /** From here on the token is not handed out: it might end on its way. */
  readonly usableUntil: number
}

/** A quarter of the life is left when renewal begins, but never more than this. */
const LONGEST_LEAD = 1_200_000
/** Renewal is spread over a tenth of the life, but never over more than this. */
const LONGEST_JITTER = 300_000
/** A twentieth of the life is kept back at the end, but never more than this. */
const LONGEST_MARGIN = 10_000

/**
 * When to renew a token and when to stop using it, in proportion to its life.
 *
 * The jitter is drawn once per token: a fleet that started together does not renew together, and one
 * process does not creep towards the earliest instant by drawing again at each call.
 * A server's own hint wins where it is earlier.
 */
export function renewalSchedule(token: AccessToken, random: () => number): RenewalSchedule {
  const { obtainedAt, expiresAt, refreshAt = Infinity } = token
  if (expiresAt === undefined) return { renewAt: refreshAt, usableUntil: Infinity }
  const life = expiresAt - obtainedAt
  const lead = Math.min(life / 4, LONGEST_LEAD) + random() * Math.min(life / 10, LONGEST_JITTER)
  return {
    renewAt: Math.min(expiresAt - lead, refreshAt),
    usableUntil: expiresAt - Math.min(life / 20, LONGEST_MARGIN),
  }
}

/**
 * How long to wait after the `failures`th failed renewal in a row: growing, jittered, at least what
 * the server asked for.
 */
export function renewalBackoff(
  token: AccessToken,
  failures: number,
  { random, retryAfter = 0 }: { readonly random: () => number; readonly retryAfter?: number },
): number {
  const life = (token.expiresAt ?? Infinity) - token.obtainedAt
  // A short-lived token has no time for the steps of a long-lived one.
  const first = Math.min(Math.max(life / 50, 50), 2000)
  const ceiling = Math.min(first * 2 ** Math.min(failures, 10), 60_000)
  return Math.max(first / 2 + random() * ceiling, retryAfter)
}
