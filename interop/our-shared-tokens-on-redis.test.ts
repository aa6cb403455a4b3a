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
import { startTokenUsers, type TokenUse } from './sharing/token-users.ts'

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
/** Of the uses of several processes. */
const sum = (uses: readonly TokenUse[], member: 'calls' | 'failed' | 'storeFailures'): number =>
  uses.reduce((total, use) => total + use[member], 0)

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
    for (const use of uses) expect(use).toMatchObject(ONE_GOOD_CALL)
  })

  it('no call fails while Redis is killed, comes back, and then hangs', async () => {
    await using endpoint = await startTokenEndpoint()
    await using users = await startTokenUsers(8, {
      tokenEndpoint: `${endpoint.origin}/token`,
      place: redis.url,
      storeKey,
      timeout: 500,
    })
    const stop = users.run()
    const well = await users.until(({ taken, calls }) => taken > 0 && calls > 5)
    // A machine that is too busy for the store's deadline costs a request each time, and no more.
    expect(endpoint.requests.length).toBeLessThanOrEqual(1 + sum(well, 'storeFailures'))
    await redis.kill()
    const down = await users.until(
      (use, at) =>
        use.storeFailures > (well[at]?.storeFailures ?? 0) &&
        use.calls > (well[at]?.calls ?? 0) + 5,
    )
    await redis.start()
    // The store is left alone for five seconds after it did not answer, then used again.
    const back = await users.until((use, at) => use.taken > (down[at]?.taken ?? 0) + 5)
    redis.freeze()
    await users.until(
      (use, at) =>
        use.storeFailures > (back[at]?.storeFailures ?? 0) &&
        use.calls > (back[at]?.calls ?? 0) + 5,
    )
    const uses = await stop()
    await redis.kill()
    await redis.start()
    console.log(
      `Redis killed, then hanging, under 8 processes: ${sum(uses, 'failed')} of ${sum(uses, 'calls')} calls failed`,
    )
    expect(sum(uses, 'failed')).toBe(0)
    // Whoever found no store asked for itself.
    expect(endpoint.requests.length).toBeGreaterThan(8)
  }, 60_000)
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
      for (const use of uses) expect(use).toMatchObject(ONE_GOOD_CALL)
    } finally {
      rmSync(parent, { recursive: true })
    }
  })
})
