import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createAdministration,
  formatMasterKeys,
  generateMasterKey,
  type Administration,
  type ServerStore,
} from '@countersign/server'
import { postgresStore } from '@countersign/stores/postgres'
import { killUnderLoad, lostOf, unevenOf } from '../packages/stores/test/kill-under-load.ts'
import { expectBounded, killWhileCounting } from '../packages/stores/test/kill-while-counting.ts'
import { revokeInALoop } from '../packages/stores/test/revoke-in-a-loop.ts'
import { startServerProcess, type ServerProcess } from '../packages/stores/test/server-process.ts'
import {
  keysOf,
  makeBilling,
  statusOf,
  type Credentials,
} from '../packages/stores/test/token-requests.ts'
import { freePort } from '../packages/cli/test/free-port.ts'
import { hasProgram } from './servers/machine.ts'
import { postgresqlSchema, type PostgresqlSchema } from './servers/postgresql-schema.ts'
import { BIN, startPostgresql, type RunningPostgresql } from './servers/postgresql.ts'

const here = hasProgram(`${BIN}/initdb`, 'PostgreSQL 15')
const masterKeys = [generateMasterKey()]
const HOUR = 3_600_000

describe.skipIf(!here)('authorization servers on a real PostgreSQL', () => {
  let database: RunningPostgresql
  let schema: PostgresqlSchema
  let store: ServerStore
  let administration: Administration
  let servers: ServerProcess[] = []
  beforeAll(async () => {
    database = await startPostgresql(await freePort())
  }, 60_000)
  afterAll(() => database[Symbol.asyncDispose]())
  beforeEach(async () => {
    schema = await postgresqlSchema(database)
    store = postgresStore({ pool: schema.pool() })
    administration = createAdministration({ store, masterKeys })
  })
  afterEach(async () => {
    for (const server of servers) await server.kill()
    servers = []
    await store.close()
    await schema.drop()
  })

  async function start(followInterval = HOUR): Promise<ServerProcess> {
    const server = await startServerProcess({
      place: schema.url,
      masterKeys: formatMasterKeys(masterKeys),
      followInterval,
    })
    servers.push(server)
    return server
  }

  async function signingKeys(): Promise<number> {
    const { records } = await store.registry.changesSince(0)
    return records.filter(({ kind }) => kind === 'signing_key').length
  }

  it('make one signing key when three processes start on an empty database at once', async () => {
    const started = await Promise.all([start(), start(), start()])
    const sets = await Promise.all(started.map(({ origin }) => keysOf(origin)))
    expect(sets[0]?.keys).toHaveLength(1)
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1)
    expect(await signingKeys()).toBe(1)
  })

  it('refuse on every node a client that one has disabled, at once', async () => {
    const client = await makeBilling(administration)
    const [one, other] = [await start(), await start()]
    expect(await statusOf(other.origin, client)).toBe(200)
    const before = performance.now()
    expect(await one.change({ action: 'disable', name: client.clientId })).toBe('ok')
    // They ask the database once an hour: who refuses by now was told.
    await vi.waitFor(
      async () => {
        for (const { origin } of [one, other]) expect(await statusOf(origin, client)).toBe(401)
      },
      { timeout: 5000, interval: 5 },
    )
    const took = Math.round(performance.now() - before)
    console.log(`disabled on one node, refused on both: ${took} ms, the change included`)
  })

  it('accept one first use of a key once, in each of 1,000 tries by two nodes at once', async () => {
    const others = [postgresStore({ pool: schema.pool() }), postgresStore({ pool: schema.pool() })]
    for (let attempt = 0; attempt < 1000; attempt++) {
      const answers = await Promise.all(
        others.map(({ replay }) => replay.reserve(`try-${attempt}`, 9e12)),
      )
      expect(answers.filter(Boolean)).toHaveLength(1)
    }
    for (const one of others) await one.close()
  })

  it('lose no key and no confirmed client when they are killed ten times under load', async () => {
    const client = await makeBilling(administration)
    const seen = await killUnderLoad(10, {
      place: schema.url,
      masterKeys: formatMasterKeys(masterKeys),
      client,
    })
    expect(new Set(seen.keySets.map((set) => JSON.stringify(set))).size).toBe(1)
    expect(seen.keySets[0]?.keys).toHaveLength(1)
    expect(await signingKeys()).toBe(1)
    expect([seen.refusals, seen.verified]).toEqual([[], 55])
    const { create, put, reserve } = seen.confirmed
    for (const names of [create, put, reserve]) expect(names.length).toBeGreaterThan(20)
    expect(await lostOf(store, seen.confirmed)).toEqual([])
    expect(await unevenOf(store)).toEqual([])
    console.log(
      `killed 10 times on PostgreSQL: ${seen.tokensIssued} tokens issued, ${create.length} clients, ${put.length} opaque tokens, ${reserve.length} first uses confirmed, none lost`,
    )
  }, 120_000)

  it('lose no more of the audit log and of uses than is stated when they are killed', async () => {
    const losses = await killWhileCounting({
      administration,
      store,
      place: schema.url,
      masterKeys: formatMasterKeys(masterKeys),
    })
    expectBounded(losses)
    for (const { answered, missing, oldestMissing, tokens } of losses) {
      console.log(
        `killed on PostgreSQL: of ${answered} entries ${missing} lost, the oldest ${oldestMissing} ms old; of ${tokens.answered} tokens ${tokens.answered - tokens.counted} not counted`,
      )
    }
  }, 60_000)

  it('keep a client that gets and ends tokens at both in a loop from filling the database', async () => {
    const client = await makeBilling(administration)
    const [one, other] = [await start(), await start()]
    const marks = await revokeInALoop([one.origin, other.origin], client, store, 1300)
    expect(marks).toMatchObject({ ofClients: 1, alive: [] })
    expect(marks.ofTokens).toBeLessThan(1000)
  }, 60_000)

  it('go on issuing while the database restarts, say that no change can be made, and recover', async () => {
    const client = await makeBilling(administration)
    const server = await start(50)
    const over = new AbortController()
    const statuses: number[] = []
    const outcomes: string[] = []
    const confirmed: string[] = []
    const askers = Array.from({ length: 4 }, () => ask(server, client, statuses, over.signal))
    const writers = Array.from({ length: 3 }, async (_, writer) => {
      for (let count = 0; !over.signal.aborted; count++) {
        const clientId = `client-${writer}-${count}`
        const outcome = await server.change({ action: 'create', name: clientId })
        outcomes.push(outcome)
        if (outcome === 'ok') confirmed.push(clientId)
      }
    })
    await vi.waitFor(() => expect(confirmed.length).toBeGreaterThan(20), 10_000)
    for (let times = 0; times < 3; times++) {
      const [issued, made] = [statuses.length, confirmed.length]
      await database.restart()
      await vi.waitFor(
        () => {
          expect(confirmed.length).toBeGreaterThan(made + 20)
          expect(statuses.length).toBeGreaterThan(issued + 20)
        },
        { timeout: 20_000 },
      )
    }
    over.abort()
    await Promise.all([...askers, ...writers])
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    const failed = outcomes.filter((outcome) => outcome !== 'ok')
    // A change that was cut off may have been made: its second try then says that the client exists.
    expect(new Set(failed)).toEqual(new Set(['ERR_STORE']))
    const known = new Set((await administration.listClients()).map(({ clientId }) => clientId))
    expect(confirmed.filter((clientId) => !known.has(clientId))).toEqual([])
    await administration.disableClient(client.clientId)
    await vi.waitFor(async () => expect(await statusOf(server.origin, client)).toBe(401), 5000)
    console.log(
      `PostgreSQL restarted 3 times: ${statuses.length} tokens, none refused; ${failed.length} of ${outcomes.length} changes failed with ERR_STORE`,
    )
  }, 120_000)
})

async function ask(
  { origin }: ServerProcess,
  client: Credentials,
  statuses: number[],
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) statuses.push(await statusOf(origin, client))
}
