import { assertKnownOptions, optionalFunction, optionalNumber } from '@countersign/protocol'
import { assertSource } from '../assert-source.ts'
import type { TokenSource } from '../token-source.ts'
import { retried } from './retried.ts'

/** How failures that may pass are met. */
export interface RetryOptions {
  /** Requests in all, the first included. Default 3. */
  readonly attempts?: number
  /** Milliseconds the first wait is drawn from; each later one from twice as many. Default 200. */
  readonly firstWait?: number
  /** Longest single wait, in milliseconds: what asks for more is not waited for. Default 5000. */
  readonly longestWait?: number
  /** Numbers from 0 up to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
  /** Waits so many milliseconds. Default: a timer. */
  readonly sleep?: (milliseconds: number) => Promise<void>
}

const RETRY_OPTIONS = ['attempts', 'firstWait', 'longestWait', 'random', 'sleep'] as const

/**
 * A source that asks again where the failure may pass by itself.
 *
 * It belongs inside what keeps tokens, so that all who wait share the tries as they share the token.
 * Waits are drawn between nothing and a limit that doubles, so that a fleet does not come back
 * together; `Retry-After` is obeyed, and where it is longer than `longestWait` the failure is handed
 * on at once. What is asked for in the background is tried once: who keeps tokens tries again later.
 *
 * Throws when made: `ArgumentError`. Rejects: with the last failure.
 */
export function retrying(source: TokenSource, options: RetryOptions = {}): TokenSource {
  assertSource('retrying', source)
  assertKnownOptions('retrying', options, RETRY_OPTIONS)
  const given: RetryOptions = options
  for (const [name, min, max] of BOUNDS) {
    optionalNumber('retrying', name, given[name], { fallback: 0, min, max })
  }
  for (const name of ['random', 'sleep'] as const) {
    optionalFunction<unknown>('retrying', name, given[name], undefined)
  }
  return retried(source, given)
}

const BOUNDS = [
  ['attempts', 1, 10],
  ['firstWait', 0, 60_000],
  ['longestWait', 0, 60_000],
] as const
