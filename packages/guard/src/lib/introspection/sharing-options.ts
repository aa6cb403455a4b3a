import {
  ArgumentError,
  assertKnownOptions,
  optionalNumber,
  storeKeyRing,
  type StoreKey,
} from '@countersign/protocol'
import { optionsOf } from '../guard/options-of.ts'
import type { AnswerStore } from './answer-store.ts'

/** Where the instances of an API share the answers of their issuer, and how. */
export interface AnswerSharingOptions {
  /** `redisTokenStore(…)` or `fileTokenStore(…)` of `@countersign/stores`, or one of your own. */
  readonly store: AnswerStore
  /**
   * Keys of 32 bytes each, as bytes or base64url; `generateStoreKey()` makes one. The first seals, all
   * open. To rotate, add the new key behind the old one in every instance, then move it to the front,
   * then take the old one away: no question is asked in vain.
   */
  readonly keys: readonly (string | Uint8Array)[]
  /** Milliseconds that the store may take, after which the issuer is asked. Default 250, to 5,000. */
  readonly timeout?: number
}

/** {@link AnswerSharingOptions}, checked and with every default in place. */
export interface AnswerSharingSettings {
  readonly store: AnswerStore
  readonly ring: () => Promise<readonly StoreKey[]>
  readonly timeout: number
}

const NAMES: readonly (keyof AnswerSharingOptions)[] = ['store', 'keys', 'timeout']

/** Throws: `ArgumentError`, naming the option, such as `shared.store`. No key is in it. */
export function readAnswerSharing(
  caller: string,
  options: AnswerSharingOptions | undefined,
): AnswerSharingSettings | undefined {
  if (options === undefined) return undefined
  return optionsOf('shared', () => {
    assertKnownOptions(caller, options, NAMES)
    const given: AnswerSharingOptions = options
    return {
      store: readStore(caller, given.store),
      ring: storeKeyRing(caller, given.keys, 'answer'),
      timeout: optionalNumber(caller, 'timeout', given.timeout, {
        fallback: 250,
        min: 1,
        max: 5000,
      }),
    }
  })
}

function readStore(caller: string, store: AnswerStore | null | undefined): AnswerStore {
  if (store === undefined || store === null) {
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'store', `${caller}: 'store' is required`)
  }
  for (const method of ['get', 'replaceIfNewer'] as const) {
    if (typeof store[method] === 'function') continue
    const message = `${caller}: 'store' must be a token store, with a '${method}'`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'store', message)
  }
  return store
}
