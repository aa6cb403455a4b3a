import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { createClient } from '../create-client.ts'
import { TransportError } from '../errors/token-error.ts'
import type { ClientEvent } from '../events.ts'
import { reuse } from '../reuse/reuse.ts'
import type { TokenRequest } from '../token-source.ts'
import { budgeted, type BudgetOptions } from './budgeted.ts'

const MINUTE = 60_000
const HOUR = 3_600_000

/** A budgeted source whose tokens live so long, and what can be seen of it. */
function budget(life: number | undefined, options: BudgetOptions = {}) {
  const clock = handClock()
  const events: ClientEvent[] = []
  let made = 0
  let failing = false
  const asking = async () => {
    if (failing) throw new TransportError('ERR_NETWORK', 'down', { phase: 'token' })
    const obtainedAt = clock.now()
    const expiresAt = life === undefined ? undefined : obtainedAt + life
    return new AccessToken({ value: `at-${++made}`, obtainedAt, expiresAt })
  }
  const source = budgeted(asking, {
    now: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  })
  return {
    clock,
    events,
    source,
    made: () => made,
    fail: (yes: boolean) => {
      failing = yes
    },
    /** Calls that many times, one after the other; gives how many got a token. */
    async call(times: number, request?: TokenRequest) {
      let given = 0
      for (let time = 0; time < times; time++) {
        await source(request).then(
          () => given++,
          () => {},
        )
      }
      return given
    },
  }
}

describe('budgeted', () => {
  it.each([
    ['an hour', HOUR, 12],
    ['a minute', MINUTE, 130],
    ['a day', 24 * HOUR, 12],
    ['a second', 1000, 7210],
    ['for good', undefined, 10],
  ])('allows a token that lives %s what keeping it needs, twice over', async (_, life, allowed) => {
    const { call } = budget(life, { mode: 'block' })
    expect(await call(allowed + 50)).toBe(allowed)
  })

  it('warns once an hour, and lets the requests pass', async () => {
    const { call, clock, events } = budget(HOUR)
    expect(await call(20)).toBe(20)
    expect(events).toEqual([{ type: 'budget.exceeded', requests: 13, perHour: 12, blocked: false }])
    clock.advance(59 * MINUTE)
    await call(1)
    expect(events).toHaveLength(1)
    clock.advance(MINUTE)
    await call(20)
    expect(events).toHaveLength(2)
  })

  it('blocks with an error that says when there is room, and lets pass from then on', async () => {
    const { source, call, clock, events, made } = budget(HOUR, { mode: 'block' })
    await call(12)
    const error: unknown = await source().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ERR_BUDGET', phase: 'token', retryable: true })
    expect(events).toEqual([{ type: 'budget.exceeded', requests: 13, perHour: 12, blocked: true }])
    const { retryAfter } = error as { retryAfter: number }
    expect(retryAfter).toBe(65 * MINUTE)
    clock.advance(retryAfter - 1)
    expect(await call(1)).toBe(0)
    clock.advance(1)
    expect(await call(1)).toBe(1)
    expect(made()).toBe(13)
  })

  it('never stands in the way of a token that is kept, however short its life', async () => {
    for (const life of [2000, MINUTE, 5 * MINUTE, HOUR]) {
      const { source, clock, events, made } = budget(life, { mode: 'block' })
      const kept = reuse(source, { now: clock.now, monotonic: clock.now, random: () => 0.99 })
      for (let time = 0; time < 3 * HOUR; time += Math.max(life / 10, 1000)) {
        await kept()
        clock.advance(Math.max(life / 10, 1000))
      }
      expect(made()).toBeGreaterThan(2)
      expect(events).toEqual([])
    }
  })

  it('lets a held token serve while requests are blocked', async () => {
    const { source, clock } = budget(HOUR, { mode: 'block', perHour: 1 })
    const kept = reuse(source, { now: clock.now, monotonic: clock.now })
    const token = await kept()
    clock.advance(50 * MINUTE)
    expect(await kept()).toBe(token)
    await new Promise(setImmediate)
    expect(await kept()).toBe(token)
  })

  it('stands in a client: its refusal is not retried, and not asked of the server', async () => {
    const clock = handClock()
    let requests = 0
    const auth = createClient({
      tokenEndpoint: 'https://as.example/token',
      clientId: 'billing',
      clientSecret: 's3cret',
      now: clock.now,
      fetch: async () => Response.json({ access_token: `at-${++requests}`, expires_in: 3600 }),
      wrap: (source) => budgeted(source, { mode: 'block', perHour: 1, now: clock.now }),
    })
    const token = await auth.getToken()
    const error: unknown = await auth.getToken({ rejected: token }).catch((one: unknown) => one)
    expect(error).toMatchObject({ code: 'ERR_BUDGET', retryable: true })
    expect(JSON.stringify(error)).not.toContain('s3cret')
    expect(auth.status()).toMatchObject({ state: 'failed', lastError: { code: 'ERR_BUDGET' } })
    expect(requests).toBe(1)
  })

  it('spends nothing on failures: an outage takes no token away', async () => {
    const { call, fail } = budget(HOUR, { mode: 'block' })
    fail(true)
    await call(500)
    fail(false)
    expect(await call(50)).toBe(12)
  })

  it('counts each token of a client by itself, and all together where it is told to', async () => {
    const { call } = budget(HOUR, { mode: 'block', perHour: 3, perHourInAll: 7 })
    expect(await call(5, { scope: ['b', 'a'] })).toBe(3)
    expect(await call(5, { scope: 'a b' })).toBe(0)
    expect(await call(5, { partition: 'tenant-1' })).toBe(3)
    expect(await call(5, { partition: 'tenant-2' })).toBe(1)
  })

  it('does not limit tokens that are to be used once', async () => {
    expect(await budget(0, { mode: 'block' }).call(500)).toBe(500)
  })

  it('counts requests that are under way', async () => {
    const { source } = budget(HOUR, { mode: 'block' })
    const calls = await Promise.allSettled(Array.from({ length: 100 }, () => source()))
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  })

  it.each([
    [{ perhour: 1 }, "budgeted: unknown option 'perhour'; did you mean 'perHour'?"],
    [{ perHour: 0 }, "budgeted: 'perHour' must be a number"],
    [{ mode: 'stop' }, "budgeted: 'mode' must be 'warn' or 'block'"],
    [{ onEvent: 1 }, "budgeted: 'onEvent' must be a function"],
  ])('refuses wrong options at once: %j', (options, message) => {
    expect(() =>
      budgeted(async () => new AccessToken({ value: 'a', obtainedAt: 0 }), options as never),
    ).toThrow(message)
    expect(() => budgeted(undefined as never)).toThrow("budgeted: 'source'")
  })
})
