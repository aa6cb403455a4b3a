/** How often something happened within the last hour. */
export interface HourlyCount {
  /** The count of the last hour. */
  count(now: number): number
  add(now: number): void
  /** Undoes one `add`, the latest one. */
  takeBack(now: number): void
  /** Milliseconds until one more would keep the count within `limit`; 0 where it does already. */
  roomIn(limit: number, now: number): number
}

const SLOT = 300_000
/** An hour, and the slot that has just begun: nothing is forgotten before an hour is over. */
const SLOTS = 13

/**
 * Counts over the last hour in slots of five minutes: little to keep, however much there is to count.
 *
 * What happened is remembered for 60 to 65 minutes. A clock that is set back forgets nothing and
 * makes nothing last longer.
 */
export function hourlyCount(): HourlyCount {
  /** The newest slot comes first. */
  const slots: number[] = []
  let newest = -Infinity

  function turnTo(now: number): void {
    const slot = Math.floor(now / SLOT)
    const ahead = Math.min(Math.max(slot - newest, 0), SLOTS)
    for (let step = 0; step < ahead; step++) slots.unshift(0)
    slots.length = Math.min(slots.length, SLOTS)
    newest = slot
  }

  function count(now: number): number {
    turnTo(now)
    return slots.reduce((sum, one) => sum + one, 0)
  }

  return {
    count,
    add(now) {
      turnTo(now)
      slots[0] = (slots[0] ?? 0) + 1
    },
    takeBack(now) {
      turnTo(now)
      const at = slots.findIndex((one) => one > 0)
      if (at !== -1) slots[at] = (slots[at] ?? 0) - 1
    },
    roomIn(limit, now) {
      let tooMany = count(now) + 1 - limit
      if (tooMany <= 0) return 0
      for (let age = slots.length - 1; age >= 0; age--) {
        tooMany -= slots[age] ?? 0
        if (tooMany <= 0) return (newest + SLOTS - age) * SLOT - now
      }
      return Infinity
    },
  }
}
