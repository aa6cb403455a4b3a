/** The server's clock, as its answers teach it. */
export interface ServerClock {
  /** Now by the server's clock, epoch milliseconds. */
  readonly now: () => number
  /** Takes in an answer's `Date` header. */
  learn(date: string | null): void
}

/** The furthest the clocks are believed to be apart: what is more is somebody's mistake. */
const MAX_OFFSET = 600_000
/** Differences below this are the header's whole seconds and the way, not the clocks. */
const NOISE = 2000

/**
 * Learns how far the server's clock is from ours, for the times in assertions and proofs: a server
 * refuses what is issued a moment in its future.
 *
 * Tokens' lives are not measured with it: they are counted from our own request.
 * Source: RFC 9110 section 6.6.1.
 */
export function serverClock(now: () => number): ServerClock {
  let offset = 0
  return {
    now: () => now() + offset,
    learn(date) {
      const difference = Date.parse(date ?? '') + 500 - now()
      if (!(Math.abs(difference) <= MAX_OFFSET)) return
      offset = Math.abs(difference) < NOISE ? 0 : difference
    },
  }
}
