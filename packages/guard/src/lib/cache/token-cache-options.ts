import { assertKnownOptions, optionalNumber } from '@countersign/protocol'
import { optionsOf } from '../guard/options-of.ts'
import type { MemoryBounds } from './two-generations.ts'

/** How much a guard remembers of tokens that it has verified. Both bounds hold at every moment. */
export interface TokenCacheOptions {
  /** Most tokens. Default 10,000, at least 2. */
  readonly maxEntries?: number
  /** Most memory, in bytes, by a cautious reckoning. Default 33,554,432 (32 MiB), at least 65,536. */
  readonly maxBytes?: number
}

const CALLER = 'createGuard'

/** Throws: `ArgumentError`, naming the option, such as `tokenCache.maxEntries`. */
export function readTokenCache(options: TokenCacheOptions | false = {}): MemoryBounds | undefined {
  if (options === false) return undefined
  return optionsOf('tokenCache', () => {
    assertKnownOptions(CALLER, options, ['maxEntries', 'maxBytes'])
    const { maxEntries, maxBytes }: TokenCacheOptions = options
    const number = (
      name: keyof TokenCacheOptions,
      value: number | undefined,
      [fallback, min, max]: readonly [number, number, number],
    ): number => optionalNumber(CALLER, name, value, { fallback, min, max })
    return {
      maxEntries: number('maxEntries', maxEntries, [10_000, 2, 10_000_000]),
      maxBytes: number('maxBytes', maxBytes, [2 ** 25, 2 ** 16, 2 ** 32]),
    }
  })
}
