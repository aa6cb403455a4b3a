/** Loads that tokens with unknown keys may cause. Scheduled renewal never draws from it. */
export interface MissBudget {
  /** Takes one load; `false` when there is none left. */
  take(): boolean
  /** Returns one: a load that failed has told nothing. */
  giveBack(): void
}

/** Loads that may follow each other at once. */
export const MISS_BURST = 3
/** One more load is allowed each time this many milliseconds have passed. */
export const MISS_INTERVAL = 20_000

export function missBudget(now: () => number): MissBudget {
  let left = MISS_BURST
  let countedAt = now()
  return {
    take() {
      const elapsed = now() - countedAt
      if (elapsed < 0) countedAt = now()
      const earned = Math.max(0, Math.floor(elapsed / MISS_INTERVAL))
      countedAt += earned * MISS_INTERVAL
      left = Math.min(MISS_BURST, left + earned)
      // What a full budget could have earned is lost: the next one is a whole interval away.
      if (left === MISS_BURST) countedAt = now()
      if (left === 0) return false
      left--
      return true
    },
    giveBack() {
      left = Math.min(MISS_BURST, left + 1)
    },
  }
}
