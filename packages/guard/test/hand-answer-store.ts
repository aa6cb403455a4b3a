import type { AnswerStore, AnswerStoreEntry } from '@countersign/guard'

type Operation = 'get' | 'replaceIfNewer'

/** A store by the clock of a test, whose contents and failures the test sets by hand. */
export interface HandAnswerStore extends AnswerStore {
  readonly entries: Map<string, AnswerStoreEntry & { readonly until: number }>
  /** Every operation so far. */
  readonly operations: Operation[]
  /** What happens to an operation before it is done, such as throwing or waiting for ever. */
  before: Partial<Record<Operation, () => Promise<unknown> | void>>
  /** Puts another value in the place of the only one, where it is. */
  put(value: string): void
  /** Waits until so many operations have been begun. */
  begun(operation: Operation, count: number): Promise<void>
}

export function handAnswerStore(now: () => number): HandAnswerStore {
  const entries: HandAnswerStore['entries'] = new Map()
  const operations: Operation[] = []
  const waiting = new Set<() => void>()

  async function begin(operation: Operation): Promise<void> {
    operations.push(operation)
    for (const look of waiting) look()
    await store.before[operation]?.()
  }

  function current(key: string) {
    const kept = entries.get(key)
    return kept !== undefined && now() < kept.until ? kept : undefined
  }

  const store: HandAnswerStore = {
    entries,
    operations,
    before: {},
    async get(key) {
      await begin('get')
      return current(key)?.value
    },
    async replaceIfNewer(key, entry) {
      await begin('replaceIfNewer')
      const kept = current(key)
      const stays =
        kept !== undefined && kept.expiresAt >= entry.expiresAt && kept.value !== entry.replacing
      if (!stays) entries.set(key, { ...entry, until: now() + entry.ttl })
      return !stays
    },
    put(value) {
      const [[key, entry] = []] = entries
      if (key === undefined || entry === undefined || entries.size !== 1) {
        throw new Error('there is not one entry')
      }
      entries.set(key, { ...entry, value })
    },
    begun(operation, count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (operations.filter((one) => one === operation).length >= count) resolve()
      }
      waiting.add(look)
      look()
      return promise.finally(() => waiting.delete(look))
    },
  }
  return store
}
