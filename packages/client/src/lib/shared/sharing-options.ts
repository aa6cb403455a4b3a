import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  storeKeyRing,
  type StoreKey,
} from '@countersign/protocol'
import type { ClientEventListener } from '../events.ts'
import { guardedStore, type GuardedStore } from './guarded-store.ts'
import type { TokenStore } from './token-store.ts'

/** Where tokens are shared, and how. */
export interface SharingOptions {
  /** `redisTokenStore(…)`, `fileTokenStore(…)`, or one of your own. */
  readonly store: TokenStore
  /**
   * Keys of 32 bytes each, as bytes or base64url; `generateStoreKey()` makes one. The first seals, all
   * open. To rotate, add the new key behind the old one in every process, then move it to the front,
   * then take the old one away: no token is asked for in vain.
   */
  readonly keys: readonly (string | Uint8Array)[]
  /** Milliseconds one operation of the store may take. Default 1000. */
  readonly timeout?: number
  /**
   * Milliseconds one process has for asking while the others wait; then another may try. Default
   * 15 000.
   */
  readonly leaseTime?: number
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** The names of {@link SharingOptions}. */
export const SHARING_OPTIONS: readonly (keyof SharingOptions)[] = [
  'store',
  'keys',
  'timeout',
  'leaseTime',
  'onEvent',
  'now',
]

/** {@link SharingOptions}, checked and with every default in place. */
export interface SharingSettings {
  readonly store: GuardedStore
  readonly ring: () => Promise<readonly StoreKey[]>
  readonly leaseTime: number
  readonly onEvent: ClientEventListener | undefined
  readonly now: () => number
}

/** Checks options before anything is done. Throws `ArgumentError`, naming the option. */
export function sharingSettings(caller: string, options: SharingOptions): SharingSettings {
  assertKnownOptions(caller, options, SHARING_OPTIONS)
  const given: SharingOptions = options
  const timeout = optionalNumber(caller, 'timeout', given.timeout, {
    fallback: 1000,
    min: 1,
    max: 60_000,
  })
  return {
    store: guardedStore(storeOf(caller, given.store), timeout),
    ring: storeKeyRing(caller, given.keys, 'token'),
    leaseTime: optionalNumber(caller, 'leaseTime', given.leaseTime, {
      fallback: 15_000,
      min: 1,
      max: 600_000,
    }),
    onEvent: optionalFunction(caller, 'onEvent', given.onEvent, undefined),
    now: optionalFunction(caller, 'now', given.now, Date.now),
  }
}

function storeOf(caller: string, store: TokenStore | null | undefined): TokenStore {
  if (store === undefined || store === null) {
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'store', `${caller}: 'store' is required`)
  }
  for (const method of ['get', 'replaceIfNewer', 'lease'] as const) {
    if (typeof store[method] === 'function') continue
    const message = `${caller}: 'store' must be a token store, with a '${method}'`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'store', message)
  }
  return store
}
