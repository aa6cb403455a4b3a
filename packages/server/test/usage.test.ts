import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { handClock, memoryStore } from '@countersign/testkit'
import { postForm, type FormAnswer } from './post-form.ts'
import { startThreeParties, type ThreeParties } from './three-parties.ts'
import { INVOICES, ORDERS } from './two-apis.ts'
import { metricsOf, watchedStore } from './watched-store.ts'

type Party = ThreeParties['ordersApi']
type Uses = readonly (readonly unknown[])[]

/** Three parties at a time of their own, and a way to report as one of them. */
async function start(store = memoryStore()) {
  const clock = handClock()
  const parties = await startThreeParties({ store, now: clock.now })
  onTestFinished(() => parties.close())
  const { running } = parties
  const post = (form: Record<string, string>, caller?: Party): Promise<FormAnswer> =>
    postForm(`${running.issuer}/usage`, { form, ...(caller && { basic: caller }) })
  return {
    clock,
    parties,
    running,
    post,
    seconds: () => Math.floor(clock.now() / 1000),
    report: (uses: Uses, resource: string = ORDERS, caller: Party = parties.ordersApi) =>
      post({ resource, usage: JSON.stringify({ uses }) }, caller),
    /** What the administration knows of the client once the server has stored its sums. */
    async granted(clientId: string) {
      await running.server.close()
      return running.administration.listGrantedScopes({ clientId })
    },
  }
}

describe('the usage endpoint', () => {
  it('adds up what an API reports, and shows what was granted and never used', async () => {
    const { clock, report, seconds, granted } = await start()
    const first = seconds()
    const answer = await report([
      ['billing', 'orders:read', 3, first],
      ['shipping', 'orders:write', 1, first - 5],
    ])
    expect([answer.status, answer.text, answer.headers.get('cache-control')]).toEqual([
      200,
      '',
      'no-store',
    ])
    clock.advance(60_000)
    expect((await report([['billing', 'orders:read', 4, seconds()]])).status).toBe(200)
    const orders = { clientId: 'billing', resource: ORDERS, toldSince: (first - 5) * 1000 }
    expect(await granted('billing')).toEqual([
      {
        clientId: 'billing',
        resource: INVOICES,
        scope: 'invoices:read',
        calls: 0,
        lastUsedAt: null,
        // This API never told, so nothing is known of it.
        toldSince: null,
      },
      { ...orders, scope: 'orders:read', calls: 7, lastUsedAt: first * 1000 + 60_000 },
      { ...orders, scope: 'orders:write', calls: 0, lastUsedAt: null },
    ])
  })

  it('lets an API report on itself alone', async () => {
    const { parties, running, report, seconds, granted } = await start()
    const uses = [['billing', 'orders:read', 1, seconds()]]
    const invoices = [['billing', 'invoices:read', 1, seconds()]]
    for (const [answer, reason] of [
      [await report(uses, ORDERS, parties.invoicesApi), 'usage_not_for_caller'],
      [await report(invoices, INVOICES, parties.ordersApi), 'usage_not_for_caller'],
      [await report(uses, ORDERS, parties.billing), 'usage_not_for_caller'],
      [await report(uses, 'https://nowhere.example'), 'usage_not_for_caller'],
      [await report(uses, ''), 'usage_not_for_caller'],
    ] as const) {
      expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_target'])
      const { correlation_id: correlationId } = answer.json
      expect(running.events).toContainEqual(
        expect.objectContaining({ type: 'usage.refused', reason, correlationId }),
      )
    }
    const several = await postForm(`${running.issuer}/usage`, {
      basic: parties.ordersApi,
      form: [
        ['resource', ORDERS],
        ['resource', INVOICES],
        ['usage', JSON.stringify({ uses })],
      ],
    })
    expect(several.json['error']).toBe('invalid_target')
    expect((await granted('billing')).map(({ calls }) => calls)).toEqual([0, 0, 0])
  })

  it('wants an authenticated client, and a POST', async () => {
    const { parties, running, post, report, seconds } = await start()
    const uses = [['billing', 'orders:read', 1, seconds()]]
    const stranger = await post({ resource: ORDERS, usage: JSON.stringify({ uses }) })
    expect([stranger.status, stranger.json['error']]).toEqual([401, 'invalid_client'])
    expect(stranger.headers.get('www-authenticate')).toMatch(/^Basic /)
    const wrong = { ...parties.ordersApi, clientSecret: 'MARKER-SECRET' }
    expect((await report(uses, ORDERS, wrong)).status).toBe(401)
    expect((await fetch(`${running.issuer}/usage`)).status).toBe(405)
    expect(inspect(running.events, { depth: 9 })).not.toContain('MARKER')
  })

  it('leaves out clients and scopes that there are not: nothing is kept of what a caller makes up', async () => {
    const { running, report, seconds, granted } = await start()
    const made = Array.from({ length: 150 }, (_, at) => [`MARKER-${at}`, 'orders:read', 1, 0])
    const at = seconds()
    const answer = await report([
      ...made,
      ['billing', 'MARKER', 1, at],
      ['billing', 'orders:read', 1, at],
      // Of the other API.
      ['billing', 'invoices:read', 1, at],
    ])
    expect(answer.status).toBe(200)
    expect(running.events.findLast(({ type }) => type === 'usage.reported')).toMatchObject({
      clientId: 'orders-api',
      resource: ORDERS,
      uses: [{ clientId: 'billing', scope: 'orders:read', calls: 1 }],
      unknown: 152,
    })
    expect(inspect(running.events, { depth: 9 })).not.toContain('MARKER')
    await granted('billing')
    expect(await running.store.usage.readScopes()).toHaveLength(1)
  })

  it('takes no instant that lies ahead', async () => {
    const { clock, report, seconds, granted } = await start()
    await report([['billing', 'orders:read', 1, seconds() + 3600]])
    expect((await granted('billing'))[1]).toMatchObject({ lastUsedAt: clock.now() })
  })

  it.each<readonly [string, string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no uses', '{}'],
    ['no entry', '{"uses":[]}'],
    ['too many', JSON.stringify({ uses: Array.from({ length: 201 }, () => ['a', 'b', 1, 1]) })],
    ['an entry that is no list', '{"uses":[{}]}'],
    ['an entry with too little', '{"uses":[["billing","orders:read",1]]}'],
    ['an entry with too much', '{"uses":[["billing","orders:read",1,1,1]]}'],
    ['a client that is no text', '{"uses":[[1,"orders:read",1,1]]}'],
    ['a scope that is no text', '{"uses":[["billing",null,1,1]]}'],
    ['a count of nothing', '{"uses":[["billing","orders:read",0,1]]}'],
    ['a count below nothing', '{"uses":[["billing","orders:read",-1,1]]}'],
    ['a part of a request', '{"uses":[["billing","orders:read",1.5,1]]}'],
    ['a count that is text', '{"uses":[["billing","orders:read","1",1]]}'],
    ['a count beyond measure', '{"uses":[["billing","orders:read",4294967297,1]]}'],
    ['an instant before all time', '{"uses":[["billing","orders:read",1,-1]]}'],
    ['an instant that is none', '{"uses":[["billing","orders:read",1,1e400]]}'],
    ['one good and one bad entry', '{"uses":[["billing","orders:read",1,1],["billing"]]}'],
  ])('refuses a report whole: %s', async (_, usage) => {
    const { parties, post, granted } = await start()
    const answer = await post({ resource: ORDERS, usage }, parties.ordersApi)
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_request'])
    expect((await granted('billing')).map(({ calls }) => calls)).toEqual([0, 0, 0])
  })

  it('reads no more than 16 KiB', async () => {
    const { parties, post } = await start()
    const form = { resource: ORDERS, usage: 'x'.repeat(17_000) }
    expect((await post(form, parties.ordersApi)).status).toBe(413)
  })
})

describe('what is reported', () => {
  it('costs no write a report: 100 reports are one, and are counted in the metrics', async () => {
    const { store, state } = watchedStore()
    const { running, report, seconds, granted } = await start(store)
    state.entries = []
    await Promise.all(
      Array.from({ length: 100 }, () => report([['billing', 'orders:read', 2, seconds()]])),
    )
    expect(await metricsOf(running.server)).toContain('countersign_usage_reports_total 100')
    const [, read] = await granted('billing')
    expect(read).toMatchObject({ calls: 200 })
    // One at the end; more only where this machine took longer than five seconds.
    expect(state.scopeWrites).toBeLessThan(5)
    expect(state.entries).toEqual([])
    expect(state.uses.map(({ clientId }) => clientId)).toEqual(['orders-api'])
  })

  it('is kept while the store fails', async () => {
    const { store, state } = watchedStore()
    const { running, report, seconds } = await start(store)
    await report([['billing', 'orders:read', 2, seconds()]])
    state.failing = true
    await running.server.close()
    expect(running.events).toContainEqual(
      expect.objectContaining({ type: 'store.failed', part: 'usage', kept: 1 }),
    )
    state.failing = false
    await running.server.close()
    expect(await store.usage.readScopes()).toMatchObject([{ calls: 2 }])
  })

  it('is asked for by a client that there is', async () => {
    const { running } = await start()
    const { administration } = running
    expect(await administration.listGrantedScopes()).toHaveLength(6)
    await expect(administration.listGrantedScopes({ clientId: 'biling' })).rejects.toMatchObject({
      code: 'client_unknown',
      message: expect.stringContaining("did you mean 'billing'?"),
    })
  })
})
