import type { AccessToken } from '../access-token.ts'

/** Decides whether a refused token is worth another one. */
export interface RefusalBreaker {
  /**
   * Counts a refusal of the held token. Gives whether it may be replaced; `pausedUntil` is set when
   * this very refusal began a pause.
   */
  refused(
    token: AccessToken,
    now: number,
  ): { readonly replace: boolean; readonly pausedUntil?: number }
}

/** Refusals in a row, each soon after a renewal, that begin a pause. */
const PATIENCE = 3
const FIRST_PAUSE = 30_000
const LONGEST_PAUSE = 300_000

/**
 * Stops renewing when renewed tokens are refused again and again.
 *
 * Then the tokens are not what is wrong: the API wants another audience or issuer, and asking for
 * one more token at each call would only burden the token endpoint. Pauses double up to five
 * minutes; a token that served for a while ends the row.
 */
export function refusalBreaker(): RefusalBreaker {
  let inARow = 0
  let pause = FIRST_PAUSE
  let pausedAt = 0
  let pausedUntil = 0
  /** The token that a pause began with: it is still held afterwards, but it did not serve. */
  let condemned: AccessToken | undefined

  return {
    refused(token, now) {
      // A clock that was set back does not make a pause last.
      if (now >= pausedAt && now < pausedUntil) return { replace: false }
      const life = (token.expiresAt ?? Infinity) - token.obtainedAt
      if (token !== condemned && now - token.obtainedAt >= Math.min(life / 2, 30_000)) {
        inARow = 0
        pause = FIRST_PAUSE
      }
      if (++inARow <= PATIENCE) return { replace: true }
      // After the pause one more renewal may try its luck.
      inARow = PATIENCE - 1
      condemned = token
      pausedAt = now
      pausedUntil = now + pause
      pause = Math.min(pause * 2, LONGEST_PAUSE)
      return { replace: false, pausedUntil }
    },
  }
}
