import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createAdministration,
  generateMasterKey,
  type RegistryChange,
  type ServerStore,
} from '@countersign/server'
import { postgresStore } from '@countersign/stores/postgres'
import { serverStoreContract } from '../packages/testkit/src/lib/contracts/server-store-contract.ts'
import { freePort } from '../packages/cli/test/free-port.ts'
import { hasProgram } from './servers/machine.ts'
import { postgresqlSchema, type PostgresqlSchema } from './servers/postgresql-schema.ts'
import { BIN, startPostgresql, type RunningPostgresql } from './servers/postgresql.ts'

const here = hasProgram(`${BIN}/initdb`, 'PostgreSQL 15')

function aClient(clientId: string): RegistryChange {
  const record = {
    clientId,
    name: clientId,
    state: 'active',
    authenticationMethods: null,
    createdAt: 0,
  } as const
  return { kind: 'client', record, require: 'absent' }
}

describe.skipIf(!here)('on a real PostgreSQL', () => {
  let database: RunningPostgresql
  let schema: PostgresqlSchema
  beforeAll(async () => {
    database = await startPostgresql(await freePort())
  }, 60_000)
  afterAll(() => database[Symbol.asyncDispose]())

  serverStoreContract('postgresStore', {
    async makeStores(count) {
      schema = await postgresqlSchema(database)
      return Array.from({ length: count }, () => postgresStore({ pool: schema.pool() }))
    },
    cleanUp: () => schema.drop(),
  })

  describe('postgresStore', () => {
    let stores: ServerStore[] = []
    beforeEach(async () => {
      schema = await postgresqlSchema(database)
    })
    afterEach(async () => {
      for (const store of stores) await store.close()
      stores = []
      await schema.drop()
    })

    function open(options: { readonly deadline?: number } = {}): ServerStore {
      const store = postgresStore({ pool: schema.pool(), ...options })
      stores.push(store)
      return store
    }

    it('comes up on an empty database by eight at once, which is migrated once', async () => {
      const opened = Array.from({ length: 8 }, () => open())
      const changes = await Promise.all(opened.map(({ registry }) => registry.changesSince(0)))
      expect(changes).toEqual(opened.map(() => ({ revision: 0, records: [] })))
      const { rows } = await schema.pool().query('select name from countersign_migration')
      expect(rows).toEqual([{ name: '0001_server' }, { name: '0002_scope_uses' }])
    })

    it('lives in one database with others, each in a schema of its own', async () => {
      const other = await postgresqlSchema(database)
      const theirs = postgresStore({ pool: other.pool() })
      await theirs.registry.apply([aClient('theirs')])
      expect(await open().registry.changesSince(0)).toEqual({ revision: 0, records: [] })
      await theirs.close()
      await other.drop()
    })

    it('tells every node of a change at once, and again after its connections were cut', async () => {
      const [writer, reader] = [open().registry, open().registry]
      await reader.changesSince(0)
      let told = 0
      const stop = reader.watch?.(() => told++)
      // Once it listens it says so: something may have changed before.
      await vi.waitFor(() => expect(told).toBe(1), 5000)
      await writer.apply([aClient('a')])
      await vi.waitFor(() => expect(told).toBe(2), 5000)
      await database.execute(
        `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'`,
      )
      await vi.waitFor(() => expect(told).toBe(3), 5000)
      await writer.apply([aClient('b')])
      await vi.waitFor(() => expect(told).toBe(4), 5000)
      stop?.()
    })

    it('makes no change that cannot be written down, and the same change once it can', async () => {
      const store = open()
      const administration = createAdministration({ store, masterKeys: [generateMasterKey()] })
      await administration.createClient({ clientId: 'before' })
      await schema.pool().query('alter table audit_entries rename to elsewhere')
      const failed = await administration
        .createClient({ clientId: 'billing' })
        .catch((error: unknown) => error)
      expect(failed).toMatchObject({ code: 'ERR_STORE' })
      expect(failed).not.toHaveProperty('applied')
      const clients = await administration.listClients()
      expect(clients.map(({ clientId }) => clientId)).toEqual(['before'])
      await schema.pool().query('alter table elsewhere rename to audit_entries')
      await administration.createClient({ clientId: 'billing' })
      const entries = await store.audit.find({ type: 'client.created', limit: 10 })
      const told = new Set(entries.map(({ clientId }) => clientId))
      expect([entries.length, told]).toEqual([2, new Set(['before', 'billing'])])
    })

    it('does not tell of a change that was not made', async () => {
      const { registry } = open()
      await registry.apply([aClient('a')])
      let told = 0
      const stop = registry.watch?.(() => told++)
      await vi.waitFor(() => expect(told).toBe(1), 5000)
      expect((await registry.apply([aClient('a')])).applied).toBe(false)
      await registry.apply([aClient('b')])
      await vi.waitFor(() => expect(told).toBe(2), 5000)
      stop?.()
    })

    it('gives up a call that a lock holds up, and the connection with it', async () => {
      const { replay, usage } = open({ deadline: 300 })
      await replay.reserve('a', 9e12)
      const blocker = await schema.pool().connect()
      await blocker.query('begin; lock table replays in access exclusive mode')
      // More than the pool has connections: each one must come back to it.
      const hung = await Promise.allSettled(
        Array.from({ length: 25 }, (_, index) => replay.reserve(`h${index}`, 9e12)),
      )
      for (const call of hung) {
        expect(call).toMatchObject({ status: 'rejected', reason: { code: 'ERR_STORE' } })
      }
      // Another table: its reader needs a connection and gets one.
      expect(await usage.read()).toEqual([])
      // And the database is left with nothing that waits.
      await vi.waitFor(async () => {
        const { rows } = await blocker.query(
          `select pid from pg_stat_activity where wait_event_type = 'Lock'`,
        )
        expect(rows).toEqual([])
      }, 5000)
      await blocker.query('rollback')
      blocker.release()
      expect(await replay.reserve('a', 9e12)).toBe(false)
      expect(await replay.reserve('b', 9e12)).toBe(true)
    })

    it('gives up on a server that takes connections and says nothing', async () => {
      const sockets: Socket[] = []
      const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
      await once(mute, 'listening')
      const { port } = mute.address() as AddressInfo
      const pool = new pg.Pool({ ...database.connection, port })
      const store = postgresStore({ pool, deadline: 300 })
      await expect(store.registry.changesSince(0)).rejects.toMatchObject({ code: 'ERR_STORE' })
      await expect(store.registry.apply([aClient('a')])).rejects.toMatchObject({
        code: 'ERR_STORE',
      })
      await store.close()
      for (const socket of sockets) socket.destroy()
      await pool.end()
      mute.close()
    })

    it('outlives a restart of the database, idle and in the middle of calls', async () => {
      const [store, idle] = [open(), open()]
      await store.registry.apply([aClient('before')])
      await idle.registry.changesSince(0)
      let told = 0
      const stop = store.registry.watch?.(() => told++)
      await vi.waitFor(() => expect(told).toBe(1), 5000)
      const failures: unknown[] = []
      const over = new AbortController()
      const acknowledged: string[] = ['before']
      const load = Array.from({ length: 4 }, async (_, worker) => {
        for (let count = 0; !over.signal.aborted; count++) {
          try {
            await store.registry.apply([aClient(`c${worker}-${count}`)])
            acknowledged.push(`c${worker}-${count}`)
          } catch (error) {
            failures.push(error)
            await pause(5)
          }
        }
      })
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(20), 5000)
      await database.restart()
      const soFar = acknowledged.length
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(soFar + 20), 10_000)
      over.abort()
      await Promise.all(load)
      await vi.waitFor(() => expect(told).toBeGreaterThan(1), 10_000)
      stop?.()
      expect(failures.length).toBeGreaterThan(0)
      for (const failure of failures) expect(failure).toMatchObject({ code: 'ERR_STORE' })
      const { records } = await idle.registry.changesSince(0)
      const kept = new Set(records.map(({ record }) => (record as { clientId: string }).clientId))
      expect(acknowledged.filter((clientId) => !kept.has(clientId))).toEqual([])
    })

    it('leaves the pool to its owner, and refuses what is no pool', async () => {
      const pool = schema.pool()
      const store = postgresStore({ pool })
      await store.registry.changesSince(0)
      await store.close()
      await store.close()
      await expect(store.registry.changesSince(0)).rejects.toMatchObject({ code: 'ERR_CLOSED' })
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      expect(() => postgresStore({ pool: {} as never })).toThrow("'pool'")
      expect(() => postgresStore({ pool, dedline: 1 } as never)).toThrow("'deadline'")
    })
  })
})
