/** What was used last, up to a number: the one used longest ago goes first. */
export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export function recentlyUsed<Value extends object>(limit: number): RecentlyUsed<Value> {
  const kept = new Map<string, Value>()
  return {
    get(key) {
      const value = kept.get(key)
      if (value === undefined) return undefined
      kept.delete(key)
      kept.set(key, value)
      return value
    },
    set(key, value) {
      kept.delete(key)
      kept.set(key, value)
      if (kept.size <= limit) return
      for (const oldest of kept.keys()) {
        kept.delete(oldest)
        return
      }
    },
  }
}
