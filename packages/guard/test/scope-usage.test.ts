import { inspect } from 'node:util'
import { scopeUsage, type ScopeUsageEvent, type ScopeUsageOptions } from '@countersign/guard/usage'
import { parseForm } from '@countersign/protocol'
import { handClock, startLoopbackServer, type ReceivedRequest } from '@countersign/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { allowedEvent, INVOICES, ISSUER, ORDERS } from './allowed-event.ts'
import { gate } from './scripted-issuer.ts'

/** An endpoint that answers as the test says, at a time of its own. */
async function startScripted(options: Partial<ScopeUsageOptions> = {}) {
  const clock = handClock()
  const told: ScopeUsageEvent[] = []
  let answer = (): Response | Promise<Response> => new Response()
  const server = await startLoopbackServer(() => answer())
  onTestFinished(() => server.close())
  const usage = scopeUsage({
    issuer: ISSUER,
    endpoint: `${server.origin}/usage`,
    resource: ORDERS,
    clientId: 'orders-api',
    clientSecret: 'MARKER-SECRET',
    now: clock.now,
    onEvent: (event) => told.push(event),
    ...options,
  })
  onTestFinished(() => usage.close())
  return {
    clock,
    told,
    usage,
    requests: server.requests,
    answer(next: typeof answer) {
      answer = next
    },
    /** Requests counted so far, by all reports that were taken. */
    uses: () => server.requests.map(usesOf),
  }
}

function usesOf({ body }: ReceivedRequest): unknown {
  const form = parseForm(body)
  return form.ok && JSON.parse(form.value.get('usage')?.[0] ?? '').uses
}

describe('scopeUsage', () => {
  it('counts what its issuer vouched for, for its resource, and nothing else', async () => {
    const { usage, uses, requests, clock } = await startScripted()
    usage.record(allowedEvent())
    usage.record(allowedEvent({ kind: 'user', scopes: ['read', 'write'] }))
    usage.record(allowedEvent({ issuer: 'https://other.example' }))
    usage.record(allowedEvent({ audience: [INVOICES] }))
    usage.record(allowedEvent({ scopes: [] }))
    const denied = { reason: 'expired', status: 401, issuer: ISSUER, clientId: 'billing' } as const
    usage.record({ type: 'denied', ...denied })
    await usage.flush()
    const at = Math.floor(clock.now() / 1000)
    expect(uses()).toEqual([
      [
        ['billing', 'read', 2, at],
        ['billing', 'write', 1, at],
      ],
    ])
    expect(requests[0]?.headers.get('authorization')).toBe(
      `Basic ${btoa('orders-api:MARKER-SECRET')}`,
    )
    await usage.flush()
    expect(requests).toHaveLength(1)
  })

  it('keeps what could not be sent, leaves the server alone for longer and longer, and comes back', async () => {
    const { usage, uses, requests, told, clock, answer } = await startScripted()
    answer(() => new Response('MARKER-BODY', { status: 500 }))
    usage.record(allowedEvent())
    for (const pause of [1000, 2000, 4000]) {
      expect(await usage.flush()).toBe(false)
      const sent = requests.length
      clock.advance(pause - 1)
      expect(await usage.flush()).toBe(false)
      expect(requests).toHaveLength(sent)
      usage.record(allowedEvent())
      clock.advance(1)
    }
    answer(() => new Response())
    expect(await usage.flush()).toBe(true)
    expect(uses().at(-1)).toMatchObject([['billing', 'read', 4, expect.any(Number)]])
    expect(told.map(({ type }) => type)).toEqual([
      'usage_failed',
      'usage_failed',
      'usage_failed',
      'usage_reported',
    ])
    expect(told[2]).toMatchObject({ fault: 'status', failures: 3, waiting: 1 })
    expect(inspect([told, usage], { depth: 9 })).not.toContain('MARKER')
  })

  it('heeds the time that the server asks for, up to five minutes', async () => {
    const { usage, requests, clock, answer } = await startScripted()
    answer(() => new Response(null, { status: 503, headers: { 'retry-after': '9999' } }))
    usage.record(allowedEvent())
    await usage.flush()
    clock.advance(299_999)
    await usage.flush()
    expect(requests).toHaveLength(1)
    clock.advance(1)
    await usage.flush()
    expect(requests).toHaveLength(2)
  })

  it('sends the parts that were not taken again, and only these', async () => {
    const { usage, uses, clock, answer } = await startScripted()
    for (let at = 0; at < 450; at++) usage.record(allowedEvent({ clientId: `c${at}` }))
    let parts = 0
    answer(() => new Response(null, { status: ++parts === 2 ? 500 : 200 }))
    expect(await usage.flush()).toBe(false)
    expect(usage.waiting).toBeGreaterThan(200)
    clock.advance(1000)
    expect(await usage.flush()).toBe(true)
    const taken = uses().filter((_, at) => at !== 1) as unknown[][][]
    const clients = taken.flat().map(([clientId]) => clientId)
    expect(clients).toHaveLength(450)
    expect(new Set(clients)).toEqual(new Set(Array.from({ length: 450 }, (_, at) => `c${at}`)))
  })

  it('holds a bounded number, loses the oldest, and says how much', async () => {
    const { usage, uses, told, clock, answer } = await startScripted({ maxEntries: 10 })
    answer(() => new Response(null, { status: 500 }))
    for (let at = 0; at < 10; at++) usage.record(allowedEvent({ clientId: `old${at}` }))
    await usage.flush()
    for (let at = 0; at < 4; at++) usage.record(allowedEvent({ clientId: `new${at}` }))
    expect(usage.waiting).toBe(10)
    answer(() => new Response())
    clock.advance(1000)
    expect(await usage.flush()).toBe(true)
    expect(told).toContainEqual({ type: 'usage_dropped', calls: 4 })
    const clients = (uses().at(-1) as string[][]).map(([clientId]) => clientId)
    expect(clients).toEqual([
      'old4',
      'old5',
      'old6',
      'old7',
      'old8',
      'old9',
      'new0',
      'new1',
      'new2',
      'new3',
    ])
  })

  it('sends once for all who ask at a time, and counts on meanwhile', async () => {
    const { usage, uses, requests, answer } = await startScripted()
    const [asked, held] = [gate(), gate()]
    answer(() => {
      asked.open()
      return held.opened.then(() => new Response())
    })
    usage.record(allowedEvent())
    const flushes = [usage.flush(), usage.flush()]
    await asked.opened
    usage.record(allowedEvent({ scopes: ['write'] }))
    held.open()
    expect(await Promise.all(flushes)).toEqual([true, true])
    expect([requests.length, usage.waiting]).toEqual([1, 1])
    await usage.close()
    const at = expect.any(Number)
    expect(uses()).toEqual([[['billing', 'read', 1, at]], [['billing', 'write', 1, at]]])
    usage.record(allowedEvent())
    expect(usage.waiting).toBe(0)
  })

  it('makes no request wait for a server that never answers, and gives up at its deadline', async () => {
    const never = (): Promise<Response> => new Promise(() => {})
    const { usage, told } = await startScripted({ fetch: never, timeout: 20 })
    usage.record(allowedEvent())
    const flushed = usage.flush()
    usage.record(allowedEvent())
    expect(usage.waiting).toBe(1)
    expect(await flushed).toBe(false)
    expect(told).toMatchObject([{ type: 'usage_failed', fault: 'timeout' }])
  })

  it('sends by itself every interval while there is something to send, and tries again by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    let status = 500
    const sent: unknown[] = []
    const clock = handClock()
    const usage = scopeUsage({
      issuer: ISSUER,
      endpoint: `${ISSUER}/usage`,
      resource: ORDERS,
      clientId: 'orders-api',
      authorize: () => 'Bearer mine',
      now: clock.now,
      interval: 60_000,
      async fetch(_, init) {
        sent.push(new Headers(init?.headers).get('authorization'))
        return new Response(null, { status })
      },
    })
    const pass = (span: number): Promise<unknown> => {
      clock.advance(span)
      return vi.advanceTimersByTimeAsync(span)
    }
    await pass(120_000)
    expect([sent.length, vi.getTimerCount()]).toEqual([0, 0])
    for (let time = 0; time < 100; time++) usage.record(allowedEvent())
    expect(vi.getTimerCount()).toBe(1)
    await pass(60_000)
    expect(sent).toEqual(['Bearer mine'])
    status = 200
    await pass(60_000)
    expect([sent.length, usage.waiting, vi.getTimerCount()]).toEqual([2, 0, 0])
    usage.record(allowedEvent())
    await usage.close()
    expect([sent.length, vi.getTimerCount()]).toEqual([3, 0])
  })

  it('sends behind a request once the interval is over, and by no timer, where work can be handed over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const handed: Promise<unknown>[] = []
    const { usage, uses, clock, told } = await startScripted({
      waitUntil(work) {
        handed.push(work)
        throw new Error('no more work is taken')
      },
    })
    usage.record(allowedEvent())
    clock.advance(8999)
    usage.record(allowedEvent())
    expect([handed.length, vi.getTimerCount()]).toEqual([0, 0])
    clock.advance(1001)
    usage.record(allowedEvent())
    usage.record(allowedEvent())
    expect(handed).toHaveLength(1)
    expect(await handed[0]).toBe(true)
    expect(uses()).toEqual([[['billing', 'read', 3, expect.any(Number)]]])
    // The next one is an interval after the first request that came since.
    clock.advance(5000)
    usage.record(allowedEvent())
    expect([handed.length, usage.waiting]).toEqual([1, 1])
    // A clock that was set back puts it off no further than by an interval.
    clock.advance(-3_600_000)
    usage.record(allowedEvent())
    await Promise.all(handed)
    expect([handed.length, usage.waiting]).toEqual([2, 0])
    expect(told.map(({ type }) => type)).toEqual(['usage_reported', 'usage_reported'])
  })

  it('is refused where no timer outlives a request and nothing keeps a report alive', () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    onTestFinished(() => void vi.unstubAllGlobals())
    const options = { issuer: ISSUER, resource: ORDERS, clientId: 'a', clientSecret: 'MARKER' }
    expect(() => scopeUsage(options)).toThrow(
      "'waitUntil' is required here, where no timer outlives a request: that of 'cloudflare:workers'",
    )
    expect(scopeUsage({ ...options, waitUntil() {} }).waiting).toBe(0)
  })

  it('finds no way to a server that names none', async () => {
    await using server = await startLoopbackServer(() =>
      Response.json({ issuer: server.origin, token_endpoint: `${server.origin}/token` }),
    )
    const { usage, told } = await startScripted({
      issuer: server.origin,
      endpoint: undefined,
    } as never)
    usage.record(allowedEvent({ issuer: server.origin }))
    expect(await usage.flush()).toBe(false)
    expect(told).toMatchObject([{ type: 'usage_failed', fault: 'no_endpoint' }])
  })

  it.each<readonly [Partial<ScopeUsageOptions>, string]>([
    [{ issuer: 'http://as.example' }, 'issuer'],
    [{ resource: '' }, 'resource'],
    [{ endpoint: 'http://as.example/usage' }, 'endpoint'],
    [{ clientId: '' }, 'clientId'],
    [{ authorize: () => '' }, 'clientSecret'],
    [{ interval: 999 }, 'interval'],
    [{ maxEntries: 0 }, 'maxEntries'],
    [{ waitUntil: 1 as never }, 'waitUntil'],
    [{ intervall: 1 } as never, 'intervall'],
  ])('refuses %o at once, without the secret', (changed, option) => {
    const good = { issuer: ISSUER, resource: ORDERS, clientId: 'a', clientSecret: 'MARKER' }
    let thrown: unknown
    try {
      scopeUsage({ ...good, ...changed })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ name: 'ArgumentError', option })
    expect(inspect(thrown)).not.toContain('MARKER')
  })
})
