import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard, type DpopOptions, type GuardEvent } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { postgresReplayStore } from '@countersign/stores/replay-postgres'
import { redisReplayStore } from '@countersign/stores/replay-redis'
import { sqliteReplayStore } from '@countersign/stores/replay-sqlite'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { proofMint } from '@countersign/testkit/contracts'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { replayStoreContract } from '../packages/testkit/src/lib/contracts/replay-store-contract.ts'
import { freePort } from '../packages/cli/test/free-port.ts'
import { hasProgram } from './servers/machine.ts'
import { postgresqlSchema, type PostgresqlSchema } from './servers/postgresql-schema.ts'
import { BIN, startPostgresql, type RunningPostgresql } from './servers/postgresql.ts'
import { requestToken } from './servers/token-requests.ts'
import { hasRedisServer, redisProcess } from './sharing/redis-process.ts'

const API = 'https://api.example.test/orders'
const ADDRESS = 'https://api.example.test'
const key = proofMint()
let issuer: RunningAuthorizationServer
let token: string
beforeAll(async () => {
  issuer = await startAuthorizationServer({
    resources: [{ resource: API, scopes: ['orders:read'], senderConstraint: 'dpop' }],
  })
  token = await requestToken(issuer, { resource: API, key })
})
afterAll(() => issuer.close())

type Store = NonNullable<DpopOptions['replay']>

/** An instance of the API, with a connection of its own to the store. */
async function startInstance(
  replay: Store,
  events: GuardEvent[] = [],
  dpop: DpopOptions = {},
): Promise<string> {
  const guard = createGuard({
    issuer: issuer.issuer,
    audience: API,
    dpop: { replay, ...dpop },
    onEvent: (event) => events.push(event),
  })
  const server = createServer(
    guarded(guard, { scope: { all: ['orders:read'] } }, (_request, response) => {
      response.end('orders')
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function call(origin: string, dpop: string): Promise<number> {
  const headers = { authorization: `DPoP ${token}`, dpop }
  const response = await fetch(`${origin}/orders/1`, { headers })
  await response.arrayBuffer()
  return response.status
}

const proof = (): string => key.proof(`${ADDRESS}/orders/1`, token, Date.now())

/** Sends one proof 1,000 times at once to two instances, and counts the statuses. */
async function statusesOf(stores: readonly Store[]): Promise<Record<number, number>> {
  const origins = await Promise.all(stores.map((store) => startInstance(store)))
  const one = proof()
  const statuses = await Promise.all(
    Array.from({ length: 1000 }, (_, at) => call(origins[at % origins.length] ?? '', one)),
  )
  const counts: Record<number, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const ONCE = { 200: 1, 401: 999 }

const hasRedis = hasRedisServer()
if (!hasRedis) console.log('our proofs on Redis: skipped: no redis-server')

describe.runIf(hasRedis)('two instances of an API on one Redis', () => {
  it('let one of 1,000 identical proofs through that come at once [std:220] [field:69]', async () => {
    const redis = await redisProcess()
    await redis.start()
    onTestFinished(() => redis.kill())
    const stores = await Promise.all(
      [1, 2].map(async () => {
        const client = createClient({ url: redis.url })
        client.on('error', () => {})
        await client.connect()
        onTestFinished(() => client.destroy())
        return redisReplayStore({ client })
      }),
    )
    expect(await statusesOf(stores)).toEqual(ONCE)

    // Nobody can say any more what was used: the owner has decided what comes of it.
    const [store] = stores
    if (store === undefined) throw new Error('no store')
    const events: GuardEvent[] = []
    const refusing = await startInstance(store)
    const allowing = await startInstance(store, events, { onReplayStoreError: 'allow' })
    await redis.kill()
    const other = proof()
    expect(await call(refusing, other)).toBe(503)
    expect(await call(allowing, other)).toBe(200)
    expect(events.filter(({ type }) => type === 'replay_unchecked')).toEqual([
      { type: 'replay_unchecked', issuer: issuer.issuer, clientId: 'billing' },
    ])
  })
})

describe('two instances of an API on one SQLite file', () => {
  it('let one of 1,000 identical proofs through that come at once [std:220]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-proofs-'))
    const path = join(folder, 'proofs.db')
    const stores = [sqliteReplayStore({ path }), sqliteReplayStore({ path })]
    onTestFinished(async () => {
      for (const store of stores) await store.close()
      await rm(folder, { recursive: true })
    })
    expect(await statusesOf(stores)).toEqual(ONCE)
  })
})

const hasPostgresql = hasProgram(`${BIN}/initdb`, 'PostgreSQL 15')

describe.runIf(hasPostgresql)('on a real PostgreSQL', () => {
  let database: RunningPostgresql
  let schema: PostgresqlSchema | undefined
  beforeAll(async () => {
    database = await startPostgresql(await freePort())
  }, 60_000)
  afterAll(() => database[Symbol.asyncDispose]())

  async function makeStores(count: number) {
    const made = (schema = await postgresqlSchema(database))
    return Array.from({ length: count }, () => postgresReplayStore({ pool: made.pool() }))
  }
  const cleanUp = async (): Promise<void> => schema?.drop()

  replayStoreContract('postgresReplayStore', { makeStores, cleanUp })

  describe('postgresReplayStore', () => {
    afterEach(cleanUp)

    it('lets one of 1,000 identical proofs through that come at once to two instances [std:220] [field:69]', async () => {
      const stores = await makeStores(2)
      expect(await statusesOf(stores)).toEqual(ONCE)
      for (const store of stores) await store.close()
    })

    it('makes one table and its own list of migrations, and nothing of a server', async () => {
      const [store] = await makeStores(1)
      await store?.reserve('a', Date.now() + 60_000)
      const tables = await schema
        ?.pool()
        .query<{ name: string }>(
          'select table_name as name from information_schema.tables where table_schema = current_schema() order by 1',
        )
      expect(tables?.rows.map(({ name }) => name)).toEqual([
        'countersign_proof_migration',
        'countersign_proof_migration_lock',
        'used_proofs',
      ])
      await store?.close()
    })

    it('says nothing while the database is gone, and answers again by itself', async () => {
      const [store] = await makeStores(1)
      const inAMinute = Date.now() + 60_000
      expect(await store?.reserve('a', inAMinute)).toBe(true)
      const origin = await startInstance(store as Store)
      expect(await call(origin, proof())).toBe(200)
      const restarted = database.restart()
      const during = await call(origin, proof())
      expect([200, 503]).toContain(during)
      await restarted
      expect(await store?.reserve('a', inAMinute)).toBe(false)
      expect(await call(origin, proof())).toBe(200)
      await store?.close()
    })
  })
})
