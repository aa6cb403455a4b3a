/** How much may be kept. Both bounds hold at every moment. */
export interface MemoryBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** Something that says what keeping it takes. */
export interface Weighed {
  readonly bytes: number
}

/** What was used lately, up to a number of entries and of bytes. */
export interface TwoGenerations<Value extends Weighed> {
  get(key: number): Value | undefined
  /** A value too large for the bounds is not kept. */
  set(key: number, value: Value): void
  delete(key: number): void
}

/**
 * Keeps what is used: in a young generation, and the one before it. When the young one has half of what
 * may be kept, the old one goes at once and the young one takes its place; what is found in the old one
 * is young again. So whatever is used more often than the memory turns over stays, and no use costs more
 * than a lookup.
 */
export function twoGenerations<Value extends Weighed>({
  maxEntries,
  maxBytes,
}: MemoryBounds): TwoGenerations<Value> {
  const halfEntries = Math.floor(maxEntries / 2)
  const halfBytes = maxBytes / 2
  let young: Generation<Value> = { entries: new Map(), bytes: 0 }
  let old: Generation<Value> = { entries: new Map(), bytes: 0 }

  function put(key: number, value: Value): void {
    if (value.bytes > halfBytes) return
    if (young.entries.size >= halfEntries || young.bytes + value.bytes > halfBytes) {
      old = young
      young = { entries: new Map(), bytes: 0 }
    }
    young.entries.set(key, value)
    young.bytes += value.bytes
  }

  function remove(key: number): void {
    for (const generation of [young, old]) {
      const value = generation.entries.get(key)
      if (value === undefined) continue
      generation.entries.delete(key)
      generation.bytes -= value.bytes
    }
  }

  return {
    get(key) {
      const kept = young.entries.get(key)
      if (kept !== undefined) return kept
      const aged = old.entries.get(key)
      if (aged === undefined) return undefined
      remove(key)
      put(key, aged)
      return aged
    },
    set(key, value) {
      remove(key)
      put(key, value)
    },
    delete: remove,
  }
}

interface Generation<Value> {
  readonly entries: Map<number, Value>
  bytes: number
}
