import type { TokenStore, TokenStoreEntry } from '../src/lib/shared/token-store.ts'

type Operation = 'get' | 'replaceIfNewer' | 'lease' | 'release'

/** A store whose contents and failures a test sets by hand; what it keeps does not end by itself. */
export interface HandStore extends TokenStore {
  readonly entries: Map<string, TokenStoreEntry>
  readonly leases: Map<string, string>
  /** Every operation so far. */
  readonly operations: Operation[]
  /** What happens to an operation before it is done, such as throwing or waiting for ever. */
  before: Partial<Record<Operation, () => Promise<void> | void>>
}

export function handStore(): HandStore {
  const entries = new Map<string, TokenStoreEntry>()
  const leases = new Map<string, string>()
  const store: HandStore = {
    entries,
    leases,
    operations: [],
    before: {},
    async get(key) {
      await begin('get')
      return entries.get(key)?.value
    },
    async replaceIfNewer(key, entry) {
      await begin('replaceIfNewer')
      const kept = entries.get(key)
      const stays =
        kept !== undefined && kept.expiresAt >= entry.expiresAt && kept.value !== entry.replacing
      if (!stays) entries.set(key, entry)
      return !stays
    },
    async lease(key, owner) {
      await begin('lease')
      if (leases.has(key)) return undefined
      leases.set(key, owner)
      return {
        async release() {
          await begin('release')
          if (leases.get(key) === owner) leases.delete(key)
        },
      }
    },
  }

  async function begin(operation: Operation): Promise<void> {
    store.operations.push(operation)
    await store.before[operation]?.()
  }

  return store
}
