/** A clock that stands still until a test turns it. */
export interface HandClock {
  /** Now, in epoch milliseconds: pass this function where a `now` option is taken. */
  readonly now: () => number
  /** Turns the clock forward (or back, with a negative span) by milliseconds. */
  advance(milliseconds: number): void
}

/** A clock that starts at `start`, by default 2026-01-01T00:00:00Z. */
export function handClock(start: number = Date.UTC(2026, 0, 1)): HandClock {
  let time = start
  return {
    now: () => time,
    advance(milliseconds) {
      time += milliseconds
    },
  }
}
