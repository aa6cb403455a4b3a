import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
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
import { startServerProcess } from './server-process.ts'

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
    const processes = await Promise.all([1, 2, 3].map(() => startServerProcess(file(), text)))
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
    const server = await startServerProcess(file(), formatMasterKeys(masterKeys))
    const administration = createAdministration({ store: open(), masterKeys })
    const made = await prepare(administration)
    await expect.poll(() => statusOf(server.origin, made)).toBe(200)
    await administration.disableClient(made.clientId)
    await expect.poll(() => statusOf(server.origin, made)).toBe(401)
    await server.kill()
  })

  it('killed under load, it comes back with every key and every client that was confirmed', async () => {
    const text = formatMasterKeys(masterKeys)
    const administration = createAdministration({ store: open(), masterKeys })
    const made = await prepare(administration)
    const before = await startServerProcess(file(), text)
    const token = await tokenOf(before.origin, made)
    const keys = await keysOf(before.origin)

    let issued = 0
    const killed = new AbortController()
    const load = Array.from({ length: 8 }, async () => {
      while (!killed.signal.aborted) {
        if ((await statusOf(before.origin, made).catch(() => 0)) === 200) issued++
      }
    })
    const confirmed: string[] = []
    const writer = (async () => {
      while (!killed.signal.aborted) {
        const clientId = `client-${confirmed.length}`
        await administration.createClient({ clientId })
        confirmed.push(clientId)
        // SQLite answers without leaving the event loop's turn: the load would get none.
        await nextTurn()
      }
    })()
    try {
      await expect.poll(() => issued > 50 && confirmed.length > 50, { timeout: 20_000 }).toBe(true)
    } finally {
      await before.kill()
      killed.abort()
    }
    await Promise.all([...load, writer])

    const after = await startServerProcess(file(), text)
    expect(await keysOf(after.origin)).toEqual(keys)
    await jwtVerify(token, createLocalJWKSet(await keysOf(after.origin)), { audience: ORDERS })
    expect(await statusOf(after.origin, made)).toBe(200)
    await after.kill()
    const known = (await administration.listClients()).map(({ clientId }) => clientId)
    expect(known).toEqual(expect.arrayContaining(confirmed))
  })
})

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

async function prepare(
  administration: ReturnType<typeof createAdministration>,
): Promise<Credentials> {
  await administration.createResource({ resource: ORDERS, scopes: ['orders:read'] })
  const { secret } = await administration.createClient({ clientId: 'billing' })
  await administration.grant({ clientId: 'billing', resource: ORDERS, scopes: ['orders:read'] })
  return { clientId: 'billing', clientSecret: secret.reveal() }
}

function askToken(origin: string, { clientId, clientSecret }: Credentials): Promise<Response> {
  return fetch(`${origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
}

async function statusOf(origin: string, credentials: Credentials): Promise<number> {
  const response = await askToken(origin, credentials)
  await response.arrayBuffer()
  return response.status
}

async function tokenOf(origin: string, credentials: Credentials): Promise<string> {
  const response = await askToken(origin, credentials)
  expect(response.status).toBe(200)
  return ((await response.json()) as { access_token: string }).access_token
}

async function keysOf(origin: string): Promise<JSONWebKeySet> {
  return (await (await fetch(`${origin}/jwks`)).json()) as JSONWebKeySet
}
