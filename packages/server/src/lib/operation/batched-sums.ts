import type { StoreFailed } from '../events.ts'
import { STORE_DEADLINE, within } from '../stores/within.ts'
import { repeating } from './repeating.ts'

/** How long is summed up before it is stored, in milliseconds. */
const INTERVAL = 5000
/** Sums that are stored at a time, at most. */
const BATCH = 1000

/** Sums things up, and stores the sums behind the answers. */
export interface BatchedSums<Sum> {
  /** Takes one more. Never waits and never throws. */
  add(one: Sum): void
  /** Stores what is waiting. Gives false where the store failed: it is kept. */
  flush(): Promise<boolean>
  /** Stores what is waiting and plans no more. */
  close(): Promise<void>
  /** Sums that are waiting. */
  readonly waiting: number
}

/** How sums are made and where they go. */
export interface BatchedSumsOptions<Sum> {
  /** What is summed up under one text is one sum. There must be an end to the texts. */
  readonly keyOf: (one: Sum) => string
  /** Adds `one` to the sum `known`, in place. */
  readonly merge: (known: Mutable<Sum>, one: Sum) => void
  /** Stores sums: all or none. */
  readonly store: (sums: readonly Sum[]) => Promise<void>
  readonly onFailure: (failure: Pick<StoreFailed, 'error' | 'kept' | 'dropped'>) => void
  /** What takes longer has failed, in milliseconds; what was stored all the same counts twice. */
  readonly deadline?: number
}

/** Sums that are stored every five seconds while there are any: a crash loses what came in between. */
export function batchedSums<Sum extends object>({
  keyOf,
  merge,
  store,
  onFailure,
  deadline = STORE_DEADLINE,
}: BatchedSumsOptions<Sum>): BatchedSums<Sum> {
  const sums = new Map<string, Mutable<Sum>>()
  let writing: Promise<boolean> | undefined
  const timer = repeating(INTERVAL, async () => {
    await flush()
  })

  function put(one: Sum): void {
    const key = keyOf(one)
    const known = sums.get(key)
    if (known === undefined) sums.set(key, { ...one })
    else merge(known, one)
  }

  async function flush(): Promise<boolean> {
    writing ??= write().finally(() => (writing = undefined))
    return writing
  }

  async function write(): Promise<boolean> {
    const waiting: readonly Sum[] = Array.from(sums.values())
    sums.clear()
    for (let from = 0; from < waiting.length; from += BATCH) {
      try {
        await within(store(waiting.slice(from, from + BATCH)), deadline, 'the usage store')
      } catch (error) {
        for (const kept of waiting.slice(from)) put(kept)
        onFailure({ error, kept: sums.size, dropped: 0 })
        timer.soon()
        return false
      }
    }
    return true
  }

  return {
    add(one) {
      put(one)
      timer.soon()
    },
    flush,
    async close() {
      timer.stop()
      await writing
      await flush()
      timer.stop()
    },
    get waiting() {
      return sums.size
    },
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
