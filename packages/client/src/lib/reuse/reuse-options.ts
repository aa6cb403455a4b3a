import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
} from '@countersign/protocol'
import type { ClientEventListener } from '../events.ts'
import { isRequestBound } from '../request-bound.ts'

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

/**
 * One function for all: the engine makes the same call to the same function cheaper than a call
 * through a variable, and this one is on the hot path.
 */
const wallClock = (): number => Date.now()

/** {@link ReuseOptions}, checked and with every default in place. */
export interface ReuseSettings {
  readonly timeout: number
  readonly failureMemory: number
  readonly shareRequests: boolean
  readonly onEvent: ClientEventListener | undefined
  readonly now: () => number
  readonly monotonic: () => number
  readonly random: () => number
}

/** Checks options. Throws: `ArgumentError`, naming the option. */
export function reuseSettings(options: ReuseOptions): ReuseSettings {
  assertKnownOptions('reuse', options, REUSE_OPTIONS)
  const given: ReuseOptions = options
  const { shareRequests = !isRequestBound() } = given
  if (typeof shareRequests !== 'boolean') {
    const message = "reuse: 'shareRequests' must be true or false"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'shareRequests', message)
  }
  const now = given.now === Date.now ? wallClock : given.now
  return {
    timeout: milliseconds('timeout', given.timeout, 60_000),
    failureMemory: milliseconds('failureMemory', given.failureMemory, 1000),
    shareRequests,
    onEvent: optionalFunction('reuse', 'onEvent', given.onEvent, undefined),
    now: optionalFunction('reuse', 'now', now, wallClock),
    monotonic: optionalFunction('reuse', 'monotonic', given.monotonic, steadyClock),
    random: optionalFunction('reuse', 'random', given.random, Math.random),
  }
}

const steadyClock = (): number => performance.now()

function milliseconds(name: string, value: unknown, fallback: number): number {
  return optionalNumber('reuse', name, value, { fallback, min: 0, max: 3_600_000 })
}
