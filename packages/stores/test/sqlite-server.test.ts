import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createAdministration,
  createAuthorizationServer,
  formatMasterKeys,
  generateMasterKey,
  type ServerStore,
} from '@countersign/server'
import { sqliteStore } from '@countersign/stores/sqlite'
import { startAuthorizationServer } from '@countersign/testkit'
import { killUnderLoad, lostOf, unevenOf } from './kill-under-load.ts'
import { expectBounded, killWhileCounting } from './kill-while-counting.ts'
import { revokeInALoop } from './revoke-in-a-loop.ts'
import { startServerProcess } from './server-process.ts'
import { keysOf, makeBilling, statusOf, tokenOf } from './token-requests.ts'

const masterKeys = [generateMasterKey()]
const ORDERS = 'https://api.example.test/orders'

let folder = ''
let stores: ServerStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-'))
})
afterEach(async () => {
  for (const store of stores) await store.close()
  stores = []
  rmSync(folder, { recursive: true })
})

function file(): string {
  return join(folder, 'registry.db')
}

function open(): ServerStore {
  const store = sqliteStore({ path: file() })
  stores.push(store)
  return store
}

describe('an authorization server on SQLite', () => {
  it('makes one signing key when two start on one new file at once', async () => {
    const servers = [open(), open()].map((store) =>
      createAuthorizationServer({ issuer: 'https://as.example.test', store, masterKeys }),
    )
    await Promise.all(servers.map((server) => server.ready()))
    const sets = await Promise.all(
      servers.map(async (server) => {
        const response = await server.fetch(new Request('https://as.example.test/jwks'))
        return (await response.json()) as JSONWebKeySet
      }),
    )
    expect(sets[0]?.keys).toHaveLength(1)
    expect(sets[0]).toEqual(sets[1])
    for (const server of servers) await server.close()
  })

  it('makes one signing key when three processes start on one new file at once', async () => {
    const text = formatMasterKeys(masterKeys)
    const processes = await Promise.all(
      [1, 2, 3].map(() => startServerProcess({ place: file(), masterKeys: text })),
    )
    const sets = await Promise.all(processes.map(({ origin }) => keysOf(origin)))
    for (const server of processes) await server.kill()
    expect(sets.map(({ keys }) => keys.length)).toEqual([1, 1, 1])
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1)
  })

  it('has the same keys and clients after a restart, and its old tokens still verify', async () => {
    const first = await startAuthorizationServer({ store: open(), masterKeys })
    const { client, issuer } = first
    const token = await tokenOf(first.origin, client)
    const keys = await keysOf(first.origin)
    await first.close()

    const second = await startAuthorizationServer({ store: open(), masterKeys })
    expect(second.secrets).toEqual({})
    expect(await keysOf(second.origin)).toEqual(keys)
    const verified = await jwtVerify(token, createLocalJWKSet(await keysOf(second.origin)), {
      issuer,
      audience: ORDERS,
    })
    expect(verified.payload.sub).toBe(client.clientId)
    await tokenOf(second.origin, client)
    await second.close()
  })

  it('sees a change that another process makes', async () => {
    const server = await startServerProcess({
      place: file(),
      masterKeys: formatMasterKeys(masterKeys),
    })
    const administration = createAdministration({ store: open(), masterKeys })
    const made = await makeBilling(administration)
    await expect.poll(() => statusOf(server.origin, made)).toBe(200)
    await administration.disableClient(made.clientId)
    await expect.poll(() => statusOf(server.origin, made)).toBe(401)
    await server.kill()
  })

  it('keeps a client that gets and ends tokens in a loop from filling the file', async () => {
    const store = open()
    const client = await makeBilling(createAdministration({ store, masterKeys }))
    const server = await startServerProcess({
      place: file(),
      masterKeys: formatMasterKeys(masterKeys),
    })
    const marks = await revokeInALoop([server.origin], client, store, 1100)
    await server.kill()
    expect(marks).toMatchObject({ ofClients: 1, alive: [] })
    expect(marks.ofTokens).toBeLessThan(1000)
  })

  it('killed ten times under load, loses no key and no client that was confirmed', async () => {
    const administration = createAdministration({ store: open(), masterKeys })
    const client = await makeBilling(administration)
    const seen = await killUnderLoad(10, {
      place: file(),
      masterKeys: formatMasterKeys(masterKeys),
      client,
    })
    expect(new Set(seen.keySets.map((set) => JSON.stringify(set))).size).toBe(1)
    expect(seen.keySets[0]?.keys).toHaveLength(1)
    expect([seen.refusals, seen.verified]).toEqual([[], 55])
    const { create, put, reserve } = seen.confirmed
    for (const names of [create, put, reserve]) expect(names.length).toBeGreaterThan(20)
    expect(await lostOf(open(), seen.confirmed)).toEqual([])
    expect(await unevenOf(open())).toEqual([])
    const { records } = await open().registry.changesSince(0)
    expect(records.filter(({ kind }) => kind === 'signing_key')).toHaveLength(1)
    const database = new DatabaseSync(file())
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    database.close()
    expect(seen.tokensIssued).toBeGreaterThan(200)
  }, 120_000)

  it('killed, loses no more of the audit log and of uses than is stated, and writes none twice', async () => {
    const store = open()
    const losses = await killWhileCounting({
      administration: createAdministration({ store, masterKeys }),
      store,
      place: file(),
      masterKeys: formatMasterKeys(masterKeys),
    })
    expectBounded(losses)
  }, 60_000)
})
