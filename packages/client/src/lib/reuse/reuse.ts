import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
} from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { isTokenError, TransportError } from '../errors/token-error.ts'
import { tell, type ClientEventListener } from '../events.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import { refusalBreaker } from './refusal-breaker.ts'
import { renewalBackoff, renewalSchedule } from './renewal-schedule.ts'
import { waitFor } from './wait-for.ts'

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
  /** Numbers from 0 up to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
}

const REUSE_OPTIONS: readonly (keyof ReuseOptions)[] = [
  'timeout',
  'failureMemory',
  'shareRequests',
  'onEvent',
  'now',
  'random',
]

/** Sources that `reuse` made: keeping what is kept already would only add a second margin. */
const reused = new WeakSet<TokenSource>()

/**
 * A source that keeps the token of another, for many callers at once.
 *
 * - Callers without a token to share make one request together; each may leave by its own signal.
 * - A token is renewed ahead of its end, once, in the background: nobody waits, and while it is
 *   usable a failing renewal fails no call.
 * - A failed request is shared by all who waited, and for a moment by those who come after.
 * - `rejected` names a token that an API refused: it is replaced once, however many callers name it,
 *   and a token that has been replaced already is not replaced again.
 * - Where renewed tokens are refused again and again, renewing pauses; see `renewal.paused`.
 *
 * Nothing is begun while it is made, so it may stand at the top of a module on every platform.
 * No timers: renewal happens when somebody asks, so nothing keeps a process alive. A source that
 * was made by `reuse` comes back as it is.
 *
 * Throws when made: `ArgumentError`. Rejects: as the source does; `ERR_TIMEOUT` when it hangs.
 */
export function reuse(source: TokenSource, options: ReuseOptions = {}): TokenSource {
  if (typeof source !== 'function') {
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'source', "reuse: 'source' must be a token source")
  }
  assertKnownOptions('reuse', options, REUSE_OPTIONS)
  if (reused.has(source)) return source
  const given: ReuseOptions = options
  const timeout = milliseconds('timeout', given.timeout, 60_000)
  const failureMemory = milliseconds('failureMemory', given.failureMemory, 1000)
  const now = optionalFunction('reuse', 'now', given.now, Date.now)
  const { shareRequests = !isRequestBound() } = given
  if (typeof shareRequests !== 'boolean') {
    const message = "reuse: 'shareRequests' must be true or false"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'shareRequests', message)
  }
  const random = optionalFunction('reuse', 'random', given.random, Math.random)
  const onEvent = optionalFunction('reuse', 'onEvent', given.onEvent, undefined)

  let held: Held | undefined
  let flight: Promise<AccessToken> | undefined
  let failed: { readonly reason: unknown; readonly until: number } | undefined
  let failedRenewals = 0
  const breaker = refusalBreaker()

  /** Joins the request under way, or starts it. */
  function fly(rejected: AccessToken | undefined, background: boolean): Promise<AccessToken> {
    if (flight !== undefined && shareRequests) return flight
    const signal = AbortSignal.timeout(timeout)
    const request = { signal, ...(rejected !== undefined && { rejected }) }
    const started = waitFor(settle(source, request), signal).then(
      (token) => {
        flight = undefined
        failed = undefined
        failedRenewals = 0
        hold(token, started)
        return token
      },
      (reason: unknown) => {
        flight = undefined
        const error = timedOut(reason, timeout)
        landBadly(error, background)
        throw error
      },
    )
    flight = started
    // Whoever waits sees the failure; where nobody does, it has been told as an event.
    started.catch(() => {})
    return started
  }

  function hold(token: AccessToken, promise: Promise<AccessToken>): void {
    const schedule = renewalSchedule(token, random)
    // A server that gives the same token again has nothing better yet: asking at once would spin.
    const again = held?.token.value === token.value
    const earliest = again ? now() + renewalBackoff(token, 1, { random }) : 0
    held = { token, promise, ...schedule }
    renewNotBefore(held, Math.max(schedule.renewAt, earliest))
  }

  /** The hot path looks at `renewAt` alone: it must never lie beyond the token's usable life. */
  function renewNotBefore(target: Held, time: number): void {
    target.renewAt = Math.min(time, target.usableUntil)
  }

  function landBadly(reason: unknown, background: boolean): void {
    const time = now()
    const retryAfter = isTokenError(reason) ? (reason.retryAfter ?? 0) : 0
    if (held !== undefined) {
      const wait = renewalBackoff(held.token, ++failedRenewals, { random, retryAfter })
      renewNotBefore(held, time + wait)
    }
    failed = { reason, until: time + Math.max(failureMemory, Math.min(retryAfter, 60_000)) }
    tell(onEvent, {
      type: 'token.failed',
      error: reason instanceof Error ? reason : new Error('the token source failed'),
      background,
    })
  }

  function drop(rejected: AccessToken, time: number): void {
    const { replace, pausedUntil } = breaker.refused(rejected, time)
    if (replace) held = undefined
    if (pausedUntil !== undefined) tell(onEvent, { type: 'renewal.paused', until: pausedUntil })
  }

  function ask({ signal, rejected }: TokenRequest): Promise<AccessToken> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    const time = now()
    if (rejected !== undefined && held?.token.value === rejected.value) drop(held.token, time)
    if (held !== undefined && time < held.usableUntil) {
      const { promise } = held
      if (time >= held.renewAt) {
        // The next look is due if this renewal neither lands nor fails: its platform may drop it.
        renewNotBefore(held, time + renewalBackoff(held.token, 1, { random }))
        void fly(undefined, true).catch(() => {})
      }
      return promise
    }
    if (failed !== undefined && time < failed.until && flight === undefined) {
      return Promise.reject(failed.reason)
    }
    return waitFor(fly(rejected, false), signal)
  }

  const keeping: TokenSource = (request) => {
    // The hot path: one comparison with the clock, and the promise that was settled long ago.
    if (request === undefined && held !== undefined && now() < held.renewAt) {
      return held.promise
    }
    return ask(request ?? {})
  }
  reused.add(keeping)
  return keeping
}

/** Whether this runtime ties what a request began to that request. */
function isRequestBound(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}

interface Held {
  readonly token: AccessToken
  /** Settled with the token: handed to every caller as it is, so that holding costs nothing. */
  readonly promise: Promise<AccessToken>
  renewAt: number
  readonly usableUntil: number
}

/** A source that throws instead of rejecting is treated the same. */
async function settle(source: TokenSource, request: TokenRequest): Promise<AccessToken> {
  return source(request)
}

function timedOut(reason: unknown, timeout: number): unknown {
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError'
  if (!isTimeout) return reason
  return new TransportError('ERR_TIMEOUT', `no token came within ${timeout} ms`, { phase: 'token' })
}

function milliseconds(name: string, value: unknown, fallback: number): number {
  return optionalNumber('reuse', name, value, { fallback, min: 0, max: 3_600_000 })
}
