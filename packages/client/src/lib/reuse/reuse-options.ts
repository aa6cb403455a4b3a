import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
} from '@countersign/protocol'
import type { ClientEventListener } from '../events.ts'

/** How tokens are kept. */
export interface ReuseOptions {
  /** Milliseconds one request to the wrapped source may take, whoever waits. Default 60 000. */
  readonly timeout?: number
  /** Milliseconds a failure is shared with later callers before the next try. Default 1000. */
  readonly failureMemory?: number
  /**
   * Whether callers may wait for a request that another caller began. Default: everywhere but on
   * Cloudflare Workers, where a promise must not cross requests: there each caller without a token
   * asks for itself, and all share the token that comes.
   */
  readonly shareRequests?: boolean
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** A clock that only ever goes forward, milliseconds from anywhere. Default `performance.now`. */
  readonly monotonic?: () => number
  /** Numbers from 0 up to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
}

const REUSE_OPTIONS: readonly (keyof ReuseOptions)[] = [
  'timeout',
  'failureMemory',
  'shareRequests',
  'onEvent',
  'now',
  'monotonic',
  'random',
]

/** Throws: `ArgumentError`, naming the option that {@link ReuseOptions} cannot be. */
export function assertReuseOptions(options: unknown): asserts options is ReuseOptions {
  assertKnownOptions('reuse', options, REUSE_OPTIONS)
  const { shareRequests } = options
  if (shareRequests !== undefined && typeof shareRequests !== 'boolean') {
    const message = "reuse: 'shareRequests' must be true or false"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'shareRequests', message)
  }
  for (const name of ['timeout', 'failureMemory'] as const) {
    optionalNumber('reuse', name, options[name], { fallback: 0, min: 0, max: 3_600_000 })
  }
  for (const name of ['onEvent', 'now', 'monotonic', 'random'] as const) {
    optionalFunction('reuse', name, options[name], undefined)
  }
}
