import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore, startAuthorizationServer } from '@countersign/testkit'
import { redisReplayStore } from '@countersign/stores/replay-redis'
import { replayStoreContract } from '../packages/testkit/src/lib/contracts/replay-store-contract.ts'
import { hasRedisServer, redisProcess, type RedisProcess } from './sharing/redis-process.ts'

const here = hasRedisServer()
if (!here) console.log('our replays on Redis: skipped: no redis-server')

function makeClient(url: string) {
  return createClient({ url, socket: { reconnectStrategy: 20 } })
}
type Client = ReturnType<typeof makeClient>

const IN_AN_HOUR = Date.now() + 3_600_000

describe.skipIf(!here)('on a real redis-server', () => {
  let redis: RedisProcess
  let clients: Client[] = []
  beforeAll(async () => {
    redis = await redisProcess()
    await redis.start()
  })
  afterAll(() => redis.kill())

  async function connect(): Promise<Client> {
    const client = makeClient(redis.url)
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }

  async function disconnectAll(): Promise<void> {
    for (const client of clients) client.destroy()
    clients = []
  }

  replayStoreContract('redisReplayStore', {
    async makeStores(count) {
      const stores = []
      for (let made = 0; made < count; made++) {
        stores.push(redisReplayStore({ client: await connect() }))
      }
      await clients[0]?.flushAll()
      return stores
    },
    cleanUp: disconnectAll,
  })

  describe('redisReplayStore', () => {
    let client: Client
    beforeEach(async () => {
      client = await connect()
      await client.flushAll()
    })
    afterEach(disconnectAll)

    it('lets one of two nodes be first, in each of 1,000 tries at once', async () => {
      const nodes = [client, await connect()].map((one) => redisReplayStore({ client: one }))
      for (let attempt = 0; attempt < 1000; attempt++) {
        const answers = await Promise.all(
          nodes.map((node) => node.reserve(`try-${attempt}`, IN_AN_HOUR)),
        )
        expect(answers.filter(Boolean)).toHaveLength(1)
      }
    })

    it('keeps an entry a minute longer than asked, by its own clock, and lets it end', async () => {
      const now = 1_000_000
      const store = redisReplayStore({ client, prefix: 'mine:', now: () => now })
      await store.reserve('a', now + 30_000)
      await store.reserve('ended', now - 5000)
      const [life, rest] = [await client.pTTL('mine:a'), await client.pTTL('mine:ended')]
      expect(life).toBeGreaterThan(85_000)
      expect(life).toBeLessThanOrEqual(90_000)
      expect(rest).toBeGreaterThan(55_000)
      expect(rest).toBeLessThanOrEqual(60_000)
    })

    it('refuses what is no client, and answers that prove nothing', async () => {
      expect(() => redisReplayStore({ client: {} as never })).toThrow("'client'")
      for (const answer of ['OK', null, true, {}, 2]) {
        const odd = redisReplayStore({ client: { eval: async () => answer } })
        await expect(odd.reserve('a', IN_AN_HOUR)).rejects.toMatchObject({ code: 'ERR_STORE' })
      }
    })

    it('says nothing while Redis hangs or is gone, and answers again by itself', async () => {
      const store = redisReplayStore({ client, deadline: 200 })
      expect(await store.reserve('a', IN_AN_HOUR)).toBe(true)
      redis.freeze()
      await expect(store.reserve('b', IN_AN_HOUR)).rejects.toMatchObject({ code: 'ERR_STORE' })
      await redis.kill()
      await vi.waitFor(() => expect(client.isReady).toBe(false), 5000)
      await expect(store.reserve('c', IN_AN_HOUR)).rejects.toMatchObject({ code: 'ERR_STORE' })
      await redis.start()
      await vi.waitFor(async () => expect(await store.reserve('d', IN_AN_HOUR)).toBe(true), 5000)
    })

    it('is proven by a server at its start, and again once Redis that was down is up', async () => {
      const replay = redisReplayStore({ client, deadline: 200 })
      await using up = await startAuthorizationServer({ store: { ...memoryStore(), replay } })
      expect(up.server.replayProven).toBe(true)

      await redis.kill()
      await using down = await startAuthorizationServer({ store: { ...memoryStore(), replay } })
      expect(down.server.replayProven).toBe(false)
      expect(down.events.map(({ type }) => type)).toContain('replay_store.unproven')
      await redis.start()
      await vi.waitFor(() => expect(down.server.replayProven).toBe(true), 15_000)
      expect(down.events.map(({ type }) => type)).toContain('replay_store.proven')
    })
  })
})
