import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
} from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { isTokenError, TransportError } from '../errors/token-error.ts'
import { tell, type ClientEventListener } from '../events.ts'
import { deadline } from '../http/deadline.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import { refusalBreaker } from './refusal-breaker.ts'
import { renewalBackoff, renewalSchedule } from './renewal-schedule.ts'
import type { TokenStatus } from './token-status.ts'
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

/** A token that is kept, and what can be asked about it. */
export interface TokenKeeper {
  /** The source that gives it; see {@link reuse} for what it promises. */
  readonly source: TokenSource
  /** The held token, at once, if it is good and not due for renewal: no promise, no request. */
  readonly peek: () => AccessToken | undefined
  readonly status: () => TokenStatus
}

/** Longest span, by the clock, over which the clock alone is believed. */
const CLOCK_TRUST = 1000

/** Keeps the token of `source`; {@link reuse} says how. Throws: `ArgumentError`. */
export function keepToken(source: TokenSource, options: ReuseOptions = {}): TokenKeeper {
  if (typeof source !== 'function') {
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'source', "reuse: 'source' must be a token source")
  }
  assertKnownOptions('reuse', options, REUSE_OPTIONS)
  const given: ReuseOptions = options
  const timeout = milliseconds('timeout', given.timeout, 60_000)
  const failureMemory = milliseconds('failureMemory', given.failureMemory, 1000)
  const { shareRequests = !isRequestBound() } = given
  if (typeof shareRequests !== 'boolean') {
    const message = "reuse: 'shareRequests' must be true or false"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'shareRequests', message)
  }
  const clock = optionalFunction('reuse', 'now', given.now, Date.now)
  // The engine makes a call by name cheaper than the same call through a variable.
  const now = clock === Date.now ? () => Date.now() : clock
  const monotonic = optionalFunction('reuse', 'monotonic', given.monotonic, () => performance.now())
  const random = optionalFunction('reuse', 'random', given.random, Math.random)
  const onEvent = optionalFunction('reuse', 'onEvent', given.onEvent, undefined)

  let held: Held | undefined
  let flight: Promise<AccessToken> | undefined
  let failed: { readonly reason: unknown; readonly at: number; readonly until: number } | undefined
  let failedRenewals = 0
  let tokenRequests = 0
  let tokensServed = 0
  const breaker = refusalBreaker()

  // The span of the clock within which the held token needs no second look.
  let goodFrom = 0
  let goodUntil = 0

  /**
   * Now, as far as the held token is concerned: what has passed since it landed by the clock or by
   * the monotonic clock, whichever says more. So a clock set back does not make a token younger, and
   * one that slept with the machine does not make it last.
   */
  function timeFor({ landedAt, landedAtMonotonic }: Held, time: number): number {
    return landedAt + Math.max(time - landedAt, monotonic() - landedAtMonotonic, 0)
  }

  function look(target: Held, time: number, tokenTime: number): void {
    goodFrom = time
    goodUntil = time + Math.min(target.renewAt - tokenTime, CLOCK_TRUST)
  }

  function letGo(): void {
    held = undefined
    goodUntil = 0
  }

  /** Joins the request under way, or starts it. */
  function fly(rejected: AccessToken | undefined, background: boolean): Promise<AccessToken> {
    if (flight !== undefined && shareRequests) return flight
    tokenRequests++
    const { signal, clear } = deadline(timeout, background)
    const request: TokenRequest = {
      signal,
      ...(rejected !== undefined && { rejected }),
      ...(background && { background }),
    }
    const started = waitFor(settle(source, request).finally(clear), signal).then(
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
    const time = now()
    const schedule = renewalSchedule(token, random)
    // A server that gives the same token again has nothing better yet: asking at once would spin.
    const again = held?.token.value === token.value
    const earliest = again ? time + renewalBackoff(token, 1, { random }) : 0
    held = { token, promise, ...schedule, landedAt: time, landedAtMonotonic: monotonic() }
    renewNotBefore(held, Math.max(schedule.renewAt, earliest))
    look(held, time, time)
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
      renewNotBefore(held, timeFor(held, time) + wait)
    }
    const memory = Math.max(failureMemory, Math.min(retryAfter, 60_000))
    failed = { reason, at: time, until: time + memory }
    tell(onEvent, {
      type: 'token.failed',
      error: reason instanceof Error ? reason : new Error('the token source failed'),
      background,
    })
  }

  function drop(rejected: AccessToken, time: number): void {
    const { replace, pausedUntil } = breaker.refused(rejected, time)
    if (replace) letGo()
    if (pausedUntil !== undefined) tell(onEvent, { type: 'renewal.paused', until: pausedUntil })
  }

  function ask({ signal, rejected }: TokenRequest): Promise<AccessToken> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    const time = now()
    if (rejected !== undefined && held?.token.value === rejected.value) drop(held.token, time)
    if (held !== undefined) {
      const tokenTime = timeFor(held, time)
      if (tokenTime < held.usableUntil) {
        const { promise } = held
        tokensServed++
        if (tokenTime < held.renewAt) look(held, time, tokenTime)
        else {
          // The next look is due if this renewal neither lands nor fails: its platform may drop it.
          renewNotBefore(held, tokenTime + renewalBackoff(held.token, 1, { random }))
          void fly(undefined, true).catch(() => {})
        }
        return promise
      }
    }
    // A clock that was set back does not make a failure last.
    if (failed !== undefined && time >= failed.at && time < failed.until && flight === undefined) {
      return Promise.reject(failed.reason)
    }
    tokensServed++
    return waitFor(fly(rejected, false), signal)
  }

  return {
    source: (request) => {
      // The hot path: one look at the clock, and the promise that was settled long ago.
      if (request === undefined && held !== undefined) {
        const time = now()
        if (time >= goodFrom && time < goodUntil) {
          tokensServed++
          return held.promise
        }
      }
      return ask(request ?? {})
    },
    peek() {
      if (held === undefined) return undefined
      const time = now()
      const good = time >= goodFrom && time < goodUntil
      return good || timeFor(held, time) < held.renewAt ? held.token : undefined
    },
    status() {
      const time = now()
      const { reason } = failed ?? {}
      const lastError = failed && {
        code: isTokenError(reason) ? reason.code : ('UNKNOWN' as const),
        at: failed.at,
      }
      const counts = { asking: flight !== undefined, lastError, tokenRequests, tokensServed }
      const tokenTime = held === undefined ? time : timeFor(held, time)
      if (held === undefined || tokenTime >= held.usableUntil) {
        const state = failed === undefined ? 'empty' : 'failed'
        return { state, expiresIn: undefined, renewsIn: undefined, ...counts }
      }
      const { expiresAt } = held.token
      return {
        state: failed === undefined ? 'good' : 'failing',
        expiresIn: expiresAt === undefined ? undefined : expiresAt - tokenTime,
        renewsIn: held.renewAt === Infinity ? undefined : held.renewAt - tokenTime,
        ...counts,
      }
    },
  }
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
  readonly landedAt: number
  readonly landedAtMonotonic: number
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
