/** A map that forgets what was used longest ago when it is full. */
export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  /** The entry of a key, made where there is none. */
  of(key: string, make: () => Value): Value
  values(): Iterable<Value>
}

/**
 * A {@link RecentlyUsed} of at most `limit` entries, so that keys from outside cannot fill the
 * memory; reading an entry counts as using it. `forgotten` is told what had to go.
 */
export function recentlyUsed<Value>(
  limit: number,
  forgotten?: (value: Value) => void,
): RecentlyUsed<Value> {
  // A `Map` keeps the order of insertion: what is used is put in again, at the end.
  const entries = new Map<string, Value>()
  function set(key: string, value: Value): void {
    entries.delete(key)
    entries.set(key, value)
    if (entries.size <= limit) return
    const [oldest] = entries
    if (oldest === undefined) return
    entries.delete(oldest[0])
    forgotten?.(oldest[1])
  }
  function get(key: string): Value | undefined {
    const value = entries.get(key)
    if (value !== undefined) set(key, value)
    return value
  }
  return {
    get,
    set,
    of(key, make) {
      const known = get(key)
      if (known !== undefined) return known
      const made = make()
      set(key, made)
      return made
    },
    values: () => entries.values(),
  }
}
