import {
  createGuard,
  generateStoreKey,
  type GuardEvent,
  type GuardOptions,
  type IntrospectionOptions,
} from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { redisTokenStore } from '@countersign/stores/token-redis'
import { startAuthorizationServer, startLoopbackServer } from '@countersign/testkit'
import { createClient } from 'redis'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { requestToken } from './servers/token-requests.ts'
import { hasRedisServer, redisProcess, type RedisProcess } from './sharing/redis-process.ts'

const API = 'https://api.example.test/orders'
const INVOICES = 'https://api.example.test/invoices'

const hasRedis = hasRedisServer()
if (!hasRedis) console.log('our answers on Redis: skipped: no redis-server')

/** What an instance does differently. */
interface Difference extends Partial<GuardOptions> {
  readonly asking?: Partial<IntrospectionOptions>
  readonly shared?: Partial<NonNullable<IntrospectionOptions['shared']>>
}

describe.runIf(hasRedis)('instances of an API that share answers on a real Redis', () => {
  let redis: RedisProcess
  let fleet: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    redis = await redisProcess()
    await redis.start()
    onTestFinished(() => redis.kill())
    fleet = await start()
  })

  /** Our own server with opaque tokens, and instances over sockets, each with a connection of its own. */
  async function start() {
    const issuer = await startAuthorizationServer({
      resources: [API, INVOICES].map((resource) => ({
        resource,
        scopes: ['read'],
        tokenFormat: 'opaque' as const,
      })),
      clients: [
        {
          clientId: 'MARKER-billing',
          grants: [API, INVOICES].map((resource) => ({ resource, scopes: ['read'] })),
        },
        { clientId: 'orders-api', grants: [] },
        { clientId: 'invoices-api', grants: [] },
      ],
    })
    onTestFinished(() => issuer.close())
    const introspectionClients = ['orders-api', 'invoices-api']
    for (const resource of [API, INVOICES]) {
      await issuer.administration.updateResource({ resource, introspectionClients })
    }
    await issuer.server.refresh()
    const keys = [generateStoreKey()]
    const clock = { ahead: 0 }
    const connect = async () => {
      const client = createClient({ url: redis.url, socket: { reconnectStrategy: 50 } })
      client.on('error', () => {})
      await client.connect()
      onTestFinished(() => client.destroy())
      return client
    }
    const looking = await connect()

    async function instance(difference: Difference = {}) {
      const { asking, shared, ...options } = difference
      const { clientId = 'orders-api' } = asking ?? {}
      const client = await connect()
      const events: GuardEvent[] = []
      const guard = createGuard({
        issuer: issuer.issuer,
        audience: API,
        now: () => Date.now() + clock.ahead,
        onEvent: (event) => events.push(event),
        ...options,
        introspection: {
          clientId,
          clientSecret: issuer.secrets[clientId] ?? '',
          shared: {
            store: redisTokenStore({ client, prefix: 'orders:answer:' }),
            keys,
            timeout: 5000,
            ...shared,
          },
          ...asking,
        },
      })
      const handler = guarded(guard, {}, () => new Response())
      const atOnce = guarded(guard, { confirmedWithin: 0 }, () => new Response())
      const server = await startLoopbackServer((request) =>
        (request.url.endsWith('/at-once') ? atOnce : handler)(request),
      )
      onTestFinished(() => server.close())
      return {
        events,
        told: (type: GuardEvent['type']) => events.filter((event) => event.type === type),
        async call(token: string, path = '/'): Promise<number> {
          const headers = { authorization: `Bearer ${token}` }
          return (await fetch(server.origin + path, { headers })).status
        },
      }
    }

    return {
      clock,
      keys,
      instance,
      redis: looking,
      token: (resource = API) => requestToken(issuer, { resource }),
      async revoke(token: string): Promise<void> {
        const { clientId, clientSecret } = issuer.client
        const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
        const body = new URLSearchParams({ token })
        await fetch(`${issuer.issuer}/revoke`, { method: 'POST', headers, body })
      },
      questions: () => issuer.events.filter(({ type }) => type === 'token.introspected').length,
      /** Waits until so many answers are in Redis. */
      async written(count = 1): Promise<string[]> {
        await expect.poll(async () => (await looking.keys('*')).length).toBe(count)
        return looking.keys('*')
      },
    }
  }

  it('ask the issuer one question about a token, and each goes on by itself', async () => {
    const token = await fleet.token()
    const [one, other] = [await fleet.instance(), await fleet.instance()]
    expect(await one.call(token)).toBe(200)
    await fleet.written()
    const many = await Promise.all(Array.from({ length: 50 }, () => other.call(token)))
    expect(new Set(many)).toEqual(new Set([200]))
    expect(fleet.questions()).toBe(1)
    expect(other.told('answer_shared')).toHaveLength(1)
    const ttl = await fleet.redis.pTTL((await fleet.written())[0] ?? '')
    expect(ttl).toBeGreaterThan(30_000)
    expect(ttl).toBeLessThanOrEqual(60_000)
  })

  it('take nothing that another API was told, nor the same API as another client', async () => {
    const token = await fleet.token()
    const orders = await fleet.instance()
    const invoices = await fleet.instance({ audience: INVOICES })
    const stranger = await fleet.instance({ asking: { clientId: 'invoices-api' } })
    expect(await orders.call(token)).toBe(200)
    await fleet.written(1)
    expect(await invoices.call(token)).toBe(401)
    expect(await stranger.call(token)).toBe(200)
    expect(fleet.questions()).toBe(3)
    expect([...invoices.told('answer_shared'), ...stranger.told('answer_shared')]).toEqual([])
  })

  it('hear through Redis of a token that was revoked', async () => {
    const token = await fleet.token()
    const [one, other] = [await fleet.instance(), await fleet.instance()]
    expect(await one.call(token)).toBe(200)
    const [name = ''] = await fleet.written()
    const before = await fleet.redis.get(name)
    await fleet.revoke(token)
    // The price of not asking each time: for as long as an answer is used.
    expect(await other.call(token)).toBe(200)
    expect(await one.call(token, '/at-once')).toBe(401)
    await expect.poll(() => fleet.redis.get(name)).not.toBe(before)
    const late = await fleet.instance()
    expect(await late.call(token)).toBe(401)
    expect(fleet.questions()).toBe(2)
    fleet.clock.ahead = 60_000
    expect(await other.call(token)).toBe(401)
  })

  it('leave nothing in Redis by which a token or what it says can be read', async () => {
    const tokens = [await fleet.token(), await fleet.token()]
    const one = await fleet.instance()
    for (const token of tokens) expect(await one.call(token)).toBe(200)
    expect(await one.call('junk-token')).toBe(401)
    const names = await fleet.written(2)
    const kept = await Promise.all(names.map(async (name) => (await fleet.redis.get(name)) ?? ''))
    const shown = [
      ...names,
      ...kept,
      ...kept.map((text) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('latin1')),
    ].join('\n')
    for (const secret of [
      ...tokens,
      'MARKER',
      API,
      'active',
      'orders-api',
      'junk',
      ...fleet.keys,
    ]) {
      expect(shown).not.toContain(secret)
    }
    for (const name of names) expect(name).toMatch(/^orders:answer:[\w-]{43}$/)
  })

  it('take an entry that somebody has written to for none', async () => {
    const token = await fleet.token()
    const other = await fleet.token()
    const one = await fleet.instance()
    expect(await one.call(token)).toBe(200)
    const [name = ''] = await fleet.written()
    const good = (await fleet.redis.get(name)) ?? ''
    expect(await one.call(other)).toBe(200)
    const foreign = (await fleet.written(2)).find((key) => key !== name) ?? ''
    const written = [
      `99999999999999 ${'x'.repeat(1000)}`,
      good.slice(0, -4),
      (await fleet.redis.get(foreign)) ?? '',
    ]
    for (const [at, text] of written.entries()) {
      await fleet.redis.set(name, text)
      const victim = await fleet.instance()
      expect(await victim.call(token)).toBe(200)
      expect(victim.told('sharing_failed')).toHaveLength(1)
      expect(fleet.questions()).toBe(3 + at)
      await expect.poll(() => fleet.redis.get(name)).not.toBe(text)
      expect(await (await fleet.instance()).call(token)).toBe(200)
      expect(fleet.questions()).toBe(3 + at)
    }
    // Another kind of value is a store that fails.
    await fleet.redis.del(name)
    await fleet.redis.hSet(name, 'field', 'value')
    const victim = await fleet.instance()
    expect(await victim.call(token)).toBe(200)
    expect(victim.told('sharing_failed')).toMatchObject([{ fault: 'store', operation: 'read' }])
  })

  it('end answers by the clock of the guard, whatever Redis still has', async () => {
    const token = await fleet.token()
    expect(await (await fleet.instance()).call(token)).toBe(200)
    await fleet.written()
    fleet.clock.ahead = 59_000
    const other = await fleet.instance()
    expect(await other.call(token)).toBe(200)
    expect(fleet.questions()).toBe(1)
    fleet.clock.ahead = 61_000
    expect(await other.call(token)).toBe(200)
    expect(fleet.questions()).toBe(2)
  })

  it('go on while Redis is gone, and share again when it is back', async () => {
    const token = await fleet.token()
    const [one, other] = [
      await fleet.instance({ shared: { timeout: 500 } }),
      await fleet.instance({ shared: { timeout: 500 } }),
    ]
    expect(await one.call(token)).toBe(200)
    await fleet.written()
    await redis.kill()
    expect(await other.call(token)).toBe(200)
    for (let time = 0; time < 10; time++) expect(await other.call(await fleet.token())).toBe(200)
    expect(fleet.questions()).toBe(12)
    expect(other.told('sharing_failed')).toMatchObject([{ operation: 'read' }])
    await redis.start()
    fleet.clock.ahead += 5000
    const again = await fleet.token()
    await expect.poll(() => fleet.redis.ping().catch(() => 'gone')).toBe('PONG')
    // The connection of each comes back by itself; until then it goes on without.
    await expect
      .poll(
        async () => {
          fleet.clock.ahead += 5000
          expect(await one.call(await fleet.token())).toBe(200)
          return (await fleet.redis.keys('*')).length
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0)
    expect(await one.call(again)).toBe(200)
  })

  it('wait for a Redis that hangs no longer than its deadline, once', async () => {
    const one = await fleet.instance({ shared: { timeout: 500 } })
    const tokens = await Promise.all(Array.from({ length: 20 }, () => fleet.token()))
    expect(await one.call(tokens[0] ?? '')).toBe(200)
    await fleet.written()
    redis.freeze()
    expect(new Set(await Promise.all(tokens.slice(1, 10).map((each) => one.call(each))))).toEqual(
      new Set([200]),
    )
    expect(one.told('sharing_failed')).toMatchObject([{ operation: 'read', fault: 'timeout' }])
    for (const token of tokens.slice(10)) expect(await one.call(token)).toBe(200)
    expect(one.told('sharing_failed')).toHaveLength(1)
    expect(fleet.questions()).toBe(20)
  })

  it('rotate their keys with no question in vain', async () => {
    const token = await fleet.token()
    const [old = ''] = fleet.keys
    const fresh = generateStoreKey()
    const withKeys = (...keys: string[]) => fleet.instance({ shared: { keys } })
    expect(await (await withKeys(old)).call(token)).toBe(200)
    await fleet.written()
    expect(await (await withKeys(old, fresh)).call(token)).toBe(200)
    expect(await (await withKeys(fresh, old)).call(token)).toBe(200)
    expect(fleet.questions()).toBe(1)
    expect(await (await withKeys(fresh)).call(token)).toBe(200)
    expect(fleet.questions()).toBe(2)
  })
})
