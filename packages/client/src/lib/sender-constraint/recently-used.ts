/** A map that forgets what was used longest ago when it is full. */
export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

/** A {@link RecentlyUsed} of at most `limit` entries; reading an entry counts as using it. */
export function recentlyUsed<Value>(limit: number): RecentlyUsed<Value> {
  // A `Map` keeps the order of insertion: what is used is put in again, at the end.
  const entries = new Map<string, Value>()
  function put(key: string, value: Value): void {
    entries.delete(key)
    entries.set(key, value)
    const [oldest] = entries.keys()
    if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) put(key, value)
      return value
    },
    set: put,
  }
}
