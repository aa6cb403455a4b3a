import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
} from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { assertSource } from '../assert-source.ts'
import { TokenError } from '../errors/token-error.ts'
import { tell, type ClientEventListener } from '../events.ts'
import { recentlyUsed } from '../recently-used.ts'
import { MAX_TOKEN_KINDS, tokenKind } from '../seeing/token-kind.ts'
import type { TokenSource } from '../token-source.ts'
import { hourlyCount, type HourlyCount } from './hourly-count.ts'

/** How many tokens may be asked for, and what happens beyond. */
export interface BudgetOptions {
  /**
   * Requests per hour for each token that is told apart (by scope, resource, tenant …). Default: what
   * keeping it needs, twice over, and ten more.
   */
  readonly perHour?: number
  /** Requests per hour for all tokens together, such as a provider's quota. Default: no limit. */
  readonly perHourInAll?: number
  /** `warn` tells an event; `block` refuses the request as well. Default `warn`. */
  readonly mode?: 'warn' | 'block'
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const BUDGET_OPTIONS: readonly (keyof BudgetOptions)[] = [
  'perHour',
  'perHourInAll',
  'mode',
  'onEvent',
  'now',
]

const HOUR = 3_600_000
/** Requests that have nothing to do with a token's life: starts, refused tokens, rotation. */
const SLACK = 10

/**
 * A source that notices when tokens are asked for more often than keeping them should need.
 *
 * Providers count tokens, throttle those who ask too often, or charge for each. The usual reason is a
 * token that nobody keeps. Put it around what asks the server, as in `wrap` of `createClient`.
 *
 * Two things escape the usual limits. Where something in the request differs each time, each request
 * is for a token of its own: `perHourInAll` counts them together. A client made for each call begins
 * to count anew each time: make one budget outside, around a source that all of them `wrap`.
 *
 * A token that lives for an hour allows 12 requests in an hour; one that lives a minute, 130. The
 * count slides, and requests that failed are given back: an outage spends nothing. `budget.exceeded`
 * is told at most once an hour for each token. Held tokens go on to serve while requests are blocked.
 *
 * Throws when made: `ArgumentError`. Rejects: as the source does; `ERR_BUDGET` in mode `block`, with
 * `retryAfter`.
 */
export function budgeted(source: TokenSource, options: BudgetOptions = {}): TokenSource {
  assertSource('budgeted', source)
  assertKnownOptions('budgeted', options, BUDGET_OPTIONS)
  const { perHour, perHourInAll, mode = 'warn', ...given }: BudgetOptions = options
  const fixed = perHour === undefined ? undefined : limitOf('perHour', perHour)
  const inAll = newBudget(limitOf('perHourInAll', perHourInAll))
  if (mode !== 'warn' && mode !== 'block') {
    const message = "budgeted: 'mode' must be 'warn' or 'block'"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'mode', message)
  }
  const onEvent = optionalFunction('budgeted', 'onEvent', given.onEvent, undefined)
  const now = optionalFunction('budgeted', 'now', given.now, Date.now)
  const budgets = recentlyUsed<Budget>(MAX_TOKEN_KINDS)

  function exceeded(budget: Budget, time: number): void {
    const { count, limit } = budget
    const requests = Math.floor(count.count(time)) + 1
    const blocked = mode === 'block'
    if (time >= budget.silentUntil || time < budget.silentUntil - HOUR) {
      budget.silentUntil = time + HOUR
      tell(onEvent, { type: 'budget.exceeded', requests, perHour: limit, blocked })
    }
    if (blocked) throw overBudget(requests, limit, count.roomIn(limit, time))
  }

  return async (request = {}) => {
    const own = budgets.of(tokenKind(request), () => newBudget(fixed ?? SLACK))
    const both = [own, inAll]
    const time = now()
    for (const budget of both) {
      if (budget.count.roomIn(budget.limit, time) > 0) exceeded(budget, time)
    }
    for (const { count } of both) count.add(time)
    try {
      const token = await source(request)
      own.limit = fixed ?? needOf(token)
      return token
    } catch (error) {
      for (const { count } of both) count.takeBack(now())
      throw error
    }
  }
}

interface Budget {
  readonly count: HourlyCount
  limit: number
  /** Epoch milliseconds: until then it was told already. */
  silentUntil: number
}

function newBudget(limit: number): Budget {
  return { count: hourlyCount(), limit, silentUntil: -Infinity }
}

/** Requests per hour that a token like this one needs where it is kept: twice over, and some more. */
function needOf({ obtainedAt, expiresAt }: AccessToken): number {
  if (expiresAt === undefined) return SLACK
  const life = expiresAt - obtainedAt
  // A life of zero means "use once": there is nothing to keep.
  if (life <= 0) return Infinity
  return Math.ceil(HOUR / Math.max(life, 1000)) * 2 + SLACK
}

function limitOf(name: 'perHour' | 'perHourInAll', value: unknown): number {
  return optionalNumber('budgeted', name, value, { fallback: Infinity, min: 1, max: 1e9 })
}

function overBudget(requests: number, perHour: number, retryAfter: number): TokenError {
  const message = `${requests} tokens were asked for within an hour, and the budget allows ${perHour}`
  return new TokenError('ERR_BUDGET', message, {
    phase: 'token',
    retryable: true,
    retryAfter,
    hint: 'Keep tokens: make one client for the whole process, and vary its requests no more than needed',
  })
}
