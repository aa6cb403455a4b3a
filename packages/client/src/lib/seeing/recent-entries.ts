/** Entries by key, as many as are allowed: the one that was not used for longest goes first. */
export interface RecentEntries<T> {
  /** The entry of a key, made where there is none. */
  of(key: string): T
  readonly size: number
}

/** Keeps at most `limit` entries, so that keys from outside cannot fill the memory. */
export function recentEntries<T>(limit: number, make: () => T): RecentEntries<T> {
  const entries = new Map<string, T>()
  return {
    of(key) {
      const known = entries.get(key)
      const entry = known ?? make()
      // Behind all others: the first entry of a map is the one that was set longest ago.
      if (known !== undefined) entries.delete(key)
      entries.set(key, entry)
      if (entries.size > limit) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      return entry
    },
    get size() {
      return entries.size
    },
  }
}
