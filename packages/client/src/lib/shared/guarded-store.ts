import { waitFor } from '../reuse/wait-for.ts'
import { StoreError, storeFailure, type StoreOperation } from './store-error.ts'
import type { TokenLease, TokenStore, TokenStoreEntry } from './token-store.ts'

/** A store that answers in time or is left alone. */
export interface GuardedStore {
  /** Rejects with `StoreError`, as all of these do; with the signal's reason when it is aborted. */
  get(key: string, signal: AbortSignal | undefined): Promise<string | undefined>
  lease(key: string, ttl: number, signal: AbortSignal | undefined): Promise<TokenLease | undefined>
  replaceIfNewer(key: string, entry: TokenStoreEntry): Promise<boolean>
  release(lease: TokenLease): Promise<void>
  /** Whether it did not answer a moment ago: nobody should wait for it again so soon. */
  isResting(): boolean
}

/** Milliseconds a store that did not answer is left alone. */
const REST = 5000

/**
 * Puts a deadline on every operation of a store, and turns its failures into `StoreError`.
 *
 * A lease that comes after its deadline is given back: nobody knows of it.
 */
export function guardedStore(store: TokenStore, timeout: number): GuardedStore {
  let restUntil = -Infinity

  async function within<T>(
    operation: StoreOperation,
    work: () => Promise<T>,
    { signal, late }: { readonly signal?: AbortSignal | undefined; late?: (value: T) => void } = {},
  ): Promise<T> {
    const started = settle(work)
    let timer: ReturnType<typeof setTimeout> | undefined
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        restUntil = performance.now() + REST
        const message = `the token store did not answer ${operation} within ${timeout} ms`
        reject(new StoreError('ERR_STORE', message, { operation }))
      }, timeout)
    })
    let left = true
    try {
      const value = await waitFor(Promise.race([started, deadline]), signal)
      left = false
      return value
    } catch (error) {
      if (signal?.aborted === true && error === signal.reason) throw error
      throw storeFailure(operation, error)
    } finally {
      clearTimeout(timer)
      if (left) started.then(late, () => {})
    }
  }

  return {
    get: (key, signal) => within('get', () => store.get(key), { signal }),
    lease: (key, ttl, signal) =>
      within('lease', () => store.lease(key, crypto.randomUUID(), ttl), {
        signal,
        late: (lease) => void lease?.release().catch(() => {}),
      }),
    replaceIfNewer: (key, entry) => within('replace', () => store.replaceIfNewer(key, entry)),
    release: (lease) => within('release', () => lease.release()),
    isResting: () => performance.now() < restUntil,
  }
}

/** A store that throws instead of rejecting is treated the same. */
async function settle<T>(work: () => Promise<T>): Promise<T> {
  return work()
}
