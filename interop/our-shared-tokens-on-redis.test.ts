import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { generateStoreKey } from '@countersign/client/sharing'
import { redisTokenStore } from '@countersign/stores/token-redis'
import { tokenStoreContract } from '../packages/testkit/src/lib/contracts/token-store-contract.ts'
import { hasRedisServer, redisProcess, type RedisProcess } from './sharing/redis-process.ts'
import { startTokenUsers } from './sharing/token-users.ts'

const storeKey = generateStoreKey()

/** A token endpoint that takes its time, as real ones do, and counts. */
async function startTokenEndpoint(): Promise<LoopbackServer> {
  let count = 0
  return startLoopbackServer(async () => {
    const access_token = `at-${++count}`
    await delay(100)
    return Response.json({ access_token, token_type: 'Bearer', expires_in: 3600 })
  })
}

const ONE_GOOD_CALL = { calls: 1, failed: 0, storeFailures: 0, values: ['at-1'] }

const here = hasRedisServer()
if (!here) console.log('our shared tokens on Redis: skipped: no redis-server')

describe.skipIf(!here)('on a real redis-server', () => {
  let redis: RedisProcess
  let client: ReturnType<typeof createClient>
  beforeAll(async () => {
    redis = await redisProcess()
    await redis.start()
    client = createClient({ url: redis.url, socket: { reconnectStrategy: 50 } })
    client.on('error', () => {})
    await client.connect()
  })
  afterAll(async () => {
    client.destroy()
    await redis.kill()
  })
  beforeEach(() => client.flushAll())

  tokenStoreContract('redisTokenStore', {
    makeStore: () => redisTokenStore({ client }),
    pass: delay,
  })

  it('redisTokenStore keeps to its prefix, and lets everything end by itself', async () => {
    const store = redisTokenStore({ client, prefix: 'mine:' })
    await store.replaceIfNewer('a', { value: 'v', expiresAt: 1, ttl: 60_000 })
    await store.lease('a', 'owner', 60_000)
    const names = (await client.keys('*')).toSorted()
    expect(names).toEqual(['mine:a', 'mine:lease:a'])
    for (const name of names) expect(await client.pTTL(name)).toBeGreaterThan(50_000)
  })

  it('redisTokenStore replaces what something else wrote under its name', async () => {
    const store = redisTokenStore({ client })
    await client.set('countersign:token:a', 'garbage')
    expect(await store.get('a')).toBe('garbage')
    expect(await store.replaceIfNewer('a', { value: 'v', expiresAt: 1, ttl: 60_000 })).toBe(true)
    await client.del('countersign:token:a')
    await client.hSet('countersign:token:a', 'field', 'value')
    await expect(store.get('a')).rejects.toThrow('WRONGTYPE')
  })

  it('redisTokenStore refuses a client that is none', () => {
    expect(() => redisTokenStore({ client: {} as never })).toThrow("'client'")
  })

  it('eight processes that start at once make one token request', async () => {
    await using endpoint = await startTokenEndpoint()
    await using users = await startTokenUsers(8, {
      tokenEndpoint: `${endpoint.origin}/token`,
      place: redis.url,
      storeKey,
    })
    const uses = await users.callOnce()
    console.log(`8 processes on an empty Redis: ${endpoint.requests.length} token request`)
    expect(endpoint.requests).toHaveLength(1)
    expect(uses).toHaveLength(8)
    for (const use of uses) expect(use).toEqual(ONE_GOOD_CALL)
  })

  it('no call fails while Redis is killed, comes back, and then hangs', async () => {
    await using endpoint = await startTokenEndpoint()
    await using users = await startTokenUsers(8, {
      tokenEndpoint: `${endpoint.origin}/token`,
      place: redis.url,
      storeKey,
    })
    const stop = users.run()
    await delay(500)
    const whileWell = endpoint.requests.length
    await redis.kill()
    await delay(1500)
    await redis.start()
    await delay(500)
    redis.freeze()
    await delay(1500)
    const uses = await stop()
    await redis.kill()
    await redis.start()
    const sum = (member: 'calls' | 'failed' | 'storeFailures'): number =>
      uses.reduce((total, use) => total + use[member], 0)
    console.log(
      `Redis killed, then hanging, under 8 processes: ${sum('failed')} of ${sum('calls')} calls failed`,
    )
    expect(whileWell).toBe(1)
    expect(sum('failed')).toBe(0)
    expect(sum('calls')).toBeGreaterThan(100)
    expect(sum('storeFailures')).toBeGreaterThanOrEqual(8)
    expect(endpoint.requests.length).toBeGreaterThan(8)
  })
})

describe('on a folder of files', () => {
  it('eight processes that start at once make one token request', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'countersign-'))
    try {
      await using endpoint = await startTokenEndpoint()
      await using users = await startTokenUsers(8, {
        tokenEndpoint: `${endpoint.origin}/token`,
        place: join(parent, 'tokens'),
        storeKey,
      })
      const uses = await users.callOnce()
      console.log(`8 processes on an empty folder: ${endpoint.requests.length} token request`)
      expect(endpoint.requests).toHaveLength(1)
      expect(uses).toHaveLength(8)
      for (const use of uses) expect(use).toEqual(ONE_GOOD_CALL)
    } finally {
      rmSync(parent, { recursive: true })
    }
  })
})
