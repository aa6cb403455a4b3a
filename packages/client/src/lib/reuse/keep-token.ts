import { hasEnded, type AccessToken } from '../access-token.ts'
import { isTokenError, TokenError, TransportError } from '../errors/token-error.ts'
import { tell } from '../events.ts'
import { deadline } from '../http/deadline.ts'
import { isRequestBound } from '../request-bound.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import { refusalBreaker } from './refusal-breaker.ts'
import { renewalBackoff, renewalSchedule } from './renewal-schedule.ts'
import type { ReuseOptions } from './reuse-options.ts'
import type { TokenStatus } from './token-status.ts'
import { waitFor } from './wait-for.ts'

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

/**
 * One function for all: the engine makes the same call to the same function cheaper than a call
 * through a variable, and this one is on the hot path.
 */
const wallClock = (): number => Date.now()

const steadyClock = (): number => performance.now()

/** Keeps the token of `source`; {@link reuse} says how. Options are taken as they are. */
export function keepToken(
  source: TokenSource,
  {
    timeout = 60_000,
    failureMemory = 1000,
    shareRequests = !isRequestBound(),
    onEvent,
    now: clock = wallClock,
    monotonic = steadyClock,
    random = Math.random,
  }: ReuseOptions = {},
): TokenKeeper {
  const now = clock === Date.now ? wallClock : clock
  let held: Held | undefined
  let flight: Promise<AccessToken> | undefined
  /** Whether the request under way was begun ahead of need. */
  let ahead = false
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

  /**
   * A token that has not ended on its way: where it has, because the exchange took longer than it
   * lives, one more is asked for, unless nobody waits.
   */
  async function living(request: TokenRequest): Promise<AccessToken> {
    for (let last = request.background === true; ; last = true) {
      tokenRequests++
      const token = await settle(source, request)
      if (!hasEnded(token, now())) return token
      if (last)
        throw noToken(
          'a token that had ended when it came',
          'Its life is too short for this network',
        )
    }
  }

  /** Joins the request under way, or starts it. */
  function fly(rejected: AccessToken | undefined, background: boolean): Promise<AccessToken> {
    if (flight !== undefined && shareRequests) return flight
    const { signal, clear } = deadline(timeout, background)
    const request: TokenRequest = {
      signal,
      ...(rejected !== undefined && { rejected }),
      ...(background && { background }),
    }
    const started = waitFor(living(request).finally(clear), signal).then(
      (token) => {
        if (flight === started) flight = undefined
        failed = undefined
        failedRenewals = 0
        hold(token, started)
        return token
      },
      (reason: unknown) => {
        if (flight === started) flight = undefined
        const error = timedOut(reason, timeout)
        landBadly(error, background)
        throw error
      },
    )
    flight = started
    ahead = background
    // Whoever waits sees the failure; where nobody does, it has been told as an event.
    started.catch(() => {})
    return started
  }

  /**
   * What the request under way brings, or one of its own. One that was begun ahead of need is tried
   * once and knows of no refusal: where callers come to wait, neither its failure nor the token they
   * reject is the last word.
   */
  function land(rejected: AccessToken | undefined): Promise<AccessToken> {
    if (flight === undefined || !ahead || !shareRequests) return fly(rejected, false)
    return flight.then(
      (token) => {
        if (token.value !== rejected?.value) return token
        if (held?.token === token) drop(token, now())
        return held?.promise ?? fly(rejected, false)
      },
      (reason: unknown) => {
        const mayPass = isTokenError(reason) && reason.retryable && reason.retryAfter === undefined
        if (mayPass) return fly(rejected, false)
        throw reason
      },
    )
  }

  function hold(token: AccessToken, promise: Promise<AccessToken>): void {
    const time = now()
    // A clock that was set back while the token was on its way does not make it younger either.
    const landedAt = Math.max(time, token.obtainedAt)
    const schedule = renewalSchedule(token, random)
    // A server that gives the same token again has nothing better yet: asking at once would spin.
    const again = held?.token.value === token.value
    const earliest = again ? landedAt + renewalBackoff(token, 1, { random }) : 0
    held = { token, promise, ...schedule, landedAt, landedAtMonotonic: monotonic() }
    renewNotBefore(held, Math.max(schedule.renewAt, earliest))
    look(held, time, landedAt)
  }

  /** The hot path looks at `renewAt` alone: it must never lie beyond the token's usable life. */
  function renewNotBefore(target: Held, time: number): void {
    target.renewAt = Math.min(time, target.usableUntil)
  }

  function landBadly(reason: unknown, background: boolean): void {
    const time = now()
    const retryAfter = isTokenError(reason) ? (reason.retryAfter ?? 0) : 0
    if (held !== undefined && background) {
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
    const joins = shareRequests && flight !== undefined
    // A clock that was set back does not make a failure last.
    const isRecent = failed !== undefined && time >= failed.at && time < failed.until
    if (isRecent && !joins) return Promise.reject(failed?.reason)
    tokensServed++
    return waitFor(land(rejected), signal)
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
      if (time >= goodFrom && time < goodUntil) return held.token
      const tokenTime = timeFor(held, time)
      if (tokenTime >= held.renewAt) return undefined
      look(held, time, tokenTime)
      return held.token
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
        expiresIn: expiresAt === undefined ? undefined : Math.round(expiresAt - tokenTime),
        renewsIn: held.renewAt === Infinity ? undefined : Math.round(held.renewAt - tokenTime),
        ...counts,
      }
    },
  }
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

/** A source that throws, or gives what is no token, is treated like one that rejects. */
async function settle(source: TokenSource, request: TokenRequest): Promise<AccessToken> {
  const token = (await source(request)) as Partial<AccessToken> | undefined
  if (typeof token?.value === 'string') return token as AccessToken
  throw noToken('no token')
}

function noToken(what: string, hint?: string): TokenError {
  return new TokenError('ERR_NO_TOKEN', `the token source gave ${what}`, { phase: 'token', hint })
}

function timedOut(reason: unknown, timeout: number): unknown {
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError'
  if (!isTimeout) return reason
  return new TransportError('ERR_TIMEOUT', `no token came within ${timeout} ms`, { phase: 'token' })
}
