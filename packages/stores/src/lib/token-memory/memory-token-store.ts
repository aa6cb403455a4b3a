import type { TokenStore } from '@countersign/client/sharing'
import { assertKnownOptions, optionalFunction, optionalNumber } from '@countersign/protocol'

/** How much is kept, and by which clock. */
export interface MemoryTokenStoreOptions {
  /** Most entries kept: the one written longest ago goes first. Default 10 000. */
  readonly limit?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * A token store that lives as long as the process and is seen by nobody else: for tests, and for
 * several clients in one process.
 *
 * Throws: `ArgumentError`.
 */
export function memoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore {
  assertKnownOptions('memoryTokenStore', options, ['limit', 'now'])
  const given: MemoryTokenStoreOptions = options
  const now = optionalFunction('memoryTokenStore', 'now', given.now, Date.now)
  const limit = optionalNumber('memoryTokenStore', 'limit', given.limit, {
    fallback: 10_000,
    min: 1,
    max: 10_000_000,
  })
  const entries = new Map<string, Kept>()
  const leases = new Map<string, Held>()

  return {
    async get(key) {
      return current(entries, key, now())?.value
    },
    async replaceIfNewer(key, { value, expiresAt, ttl, replacing }) {
      const kept = current(entries, key, now())
      if (kept !== undefined && kept.expiresAt >= expiresAt && kept.value !== replacing)
        return false
      keep(entries, key, { value, expiresAt, until: now() + ttl }, limit)
      return true
    },
    async lease(key, owner, ttl) {
      const time = now()
      const former = current(leases, key, time)
      // One from later than this moment: the clock was set back, and would not come to its end for long.
      if (former !== undefined && former.takenAt <= time) return undefined
      const held = { owner, takenAt: time, until: time + ttl }
      keep(leases, key, held, limit)
      return {
        async release() {
          if (leases.get(key) === held) leases.delete(key)
        },
      }
    },
  }
}

interface Timed {
  readonly until: number
}

interface Kept extends Timed {
  readonly value: string
  readonly expiresAt: number
}

interface Held extends Timed {
  readonly owner: string
  readonly takenAt: number
}

function current<T extends Timed>(map: Map<string, T>, key: string, now: number): T | undefined {
  const found = map.get(key)
  if (found === undefined || now < found.until) return found
  map.delete(key)
  return undefined
}

function keep<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  // Behind all others: the first entry of the map is the one written longest ago.
  map.delete(key)
  map.set(key, value)
  if (map.size <= limit) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
