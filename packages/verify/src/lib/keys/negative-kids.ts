/** Key identifiers that a load has just shown to be unknown. Bounded in number and in time. */
export interface NegativeKids {
  has(kid: string): boolean
  add(kid: string): void
  clear(): void
}

/** How long an unknown identifier is remembered, milliseconds. */
export const NEGATIVE_KID_LIFE = 60_000
/** Most identifiers remembered; the one used longest ago goes first. */
export const MAX_NEGATIVE_KIDS = 1000

export function negativeKids(now: () => number): NegativeKids {
  const addedAt = new Map<string, number>()
  return {
    has(kid) {
      const added = addedAt.get(kid)
      if (added === undefined) return false
      addedAt.delete(kid)
      const age = now() - added
      // A clock that was set back ends the memory too.
      if (age < 0 || age >= NEGATIVE_KID_LIFE) return false
      addedAt.set(kid, added)
      return true
    },
    add(kid) {
      addedAt.delete(kid)
      addedAt.set(kid, now())
      if (addedAt.size <= MAX_NEGATIVE_KIDS) return
      for (const oldest of addedAt.keys()) {
        addedAt.delete(oldest)
        return
      }
    },
    clear: () => addedAt.clear(),
  }
}
