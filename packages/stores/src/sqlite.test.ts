import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArgumentError } from '@countersign/protocol'
import { createAdministration, generateMasterKey, type ServerStore } from '@countersign/server'
import { serverStoreContract } from '@countersign/testkit/contracts'
import { sqliteStore } from './sqlite.ts'

let folder = ''
let opened: ServerStore[] = []

function open(name = 'registry.db'): ServerStore {
  const store = sqliteStore({ path: join(folder, name) })
  opened.push(store)
  return store
}

function makeFolder(): void {
  folder = mkdtempSync(join(tmpdir(), 'countersign-'))
}

async function removeFolder(): Promise<void> {
  for (const store of opened) await store.close()
  opened = []
  rmSync(folder, { recursive: true })
}

serverStoreContract('sqliteStore', {
  makeStores(count) {
    makeFolder()
    return Array.from({ length: count }, () => open())
  },
  cleanUp: removeFolder,
})

const CLIENT = {
  clientId: 'billing',
  name: 'Billing',
  state: 'active',
  authenticationMethods: null,
  createdAt: 1_767_225_600_000,
} as const

describe('sqliteStore', () => {
  beforeEach(makeFolder)
  afterEach(removeFolder)

  it('keeps what was applied when it is opened again', async () => {
    const first = open()
    await first.registry.apply([{ kind: 'client', record: CLIENT, require: 'absent' }])
    await first.close()
    expect(await open().registry.changesSince(0)).toMatchObject({
      revision: 1,
      records: [{ kind: 'client', record: CLIENT }],
    })
  })

  it('adds what a newer version needs to a file of an older one, and keeps what is in it', async () => {
    const older = open()
    const used = { credentialId: 'c1', clientId: 'billing', tokens: 3, lastUsedAt: 1000 }
    await older.usage.add([used])
    await older.close()
    // As the first version left it.
    const file = new DatabaseSync(join(folder, 'registry.db'))
    file.exec('drop table scope_uses')
    file.exec("delete from countersign_migration where name > '0001_server'")
    file.close()
    const newer = open()
    const resource = 'https://api.example/orders'
    const use = { clientId: 'billing', resource, scope: 'read', calls: 1 }
    await newer.usage.addScopes([{ ...use, firstUsedAt: 1, lastUsedAt: 2 }])
    expect(await newer.usage.readScopes()).toEqual([{ ...use, firstUsedAt: 1, lastUsedAt: 2 }])
    expect(await newer.usage.read()).toEqual([used])
  })

  it('makes no change that cannot be written down, and the same change once it can', async () => {
    const store = open()
    const administration = createAdministration({ store, masterKeys: [generateMasterKey()] })
    await administration.createClient({ clientId: 'before' })
    const file = new DatabaseSync(join(folder, 'registry.db'))
    file.exec('alter table audit_entries rename to elsewhere')
    const failed = await administration
      .createClient({ clientId: 'billing' })
      .catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'ERR_STORE' })
    expect(failed).not.toHaveProperty('applied')
    expect((await administration.listClients()).map(({ clientId }) => clientId)).toEqual(['before'])
    file.exec('alter table elsewhere rename to audit_entries')
    file.close()
    await administration.createClient({ clientId: 'billing' })
    const entries = await store.audit.find({ type: 'client.created', limit: 10 })
    const told = new Set(entries.map(({ clientId }) => clientId))
    expect([entries.length, told]).toEqual([2, new Set(['before', 'billing'])])
  })

  it('shows a change to another store on the same file', async () => {
    const [writer, reader] = [open(), open()]
    expect((await reader.registry.changesSince(0)).revision).toBe(0)
    await writer.registry.apply([{ kind: 'client', record: CLIENT, require: 'absent' }])
    expect(await reader.registry.changesSince(0)).toMatchObject({
      revision: 1,
      records: [{ kind: 'client', record: CLIENT }],
    })
  })

  it('keeps changes by several stores on one file apart: none is lost', async () => {
    const stores = [open(), open(), open()]
    await Promise.all(
      stores.flatMap((store, index) =>
        Array.from({ length: 10 }, (_, count) =>
          store.registry.apply([
            {
              kind: 'client',
              record: { ...CLIENT, clientId: `c${index}-${count}` },
              require: 'absent',
            },
          ]),
        ),
      ),
    )
    const { revision, records } = await open().registry.changesSince(0)
    expect(revision).toBe(30)
    expect(records).toHaveLength(30)
  })

  it('makes its files readable by their owner only', async () => {
    const umask = process.umask(0)
    try {
      await open().registry.apply([{ kind: 'client', record: CLIENT, require: 'absent' }])
    } finally {
      process.umask(umask)
    }
    const names = readdirSync(folder)
    expect(names).toEqual(expect.arrayContaining(['registry.db', 'registry.db-wal']))
    for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('opens nothing before the first call', () => {
    open()
    expect(readdirSync(folder)).toEqual([])
  })

  it('rejects with ERR_STORE for a file that is no database, and tries again later', async () => {
    writeFileSync(join(folder, 'registry.db'), 'not a database '.repeat(100))
    const store = open()
    await expect(store.registry.changesSince(0)).rejects.toMatchObject({ code: 'ERR_STORE' })
    rmSync(join(folder, 'registry.db'))
    expect((await store.registry.changesSince(0)).revision).toBe(0)
  })

  it('rejects with ERR_STORE for a folder that cannot be written', async () => {
    const store = sqliteStore({ path: join(folder, 'missing', 'registry.db') })
    await expect(store.registry.changesSince(0)).rejects.toMatchObject({ code: 'ERR_STORE' })
    await store.close()
    chmodSync(folder, 0o700)
  })

  it('refuses a missing path and an unknown option at once', () => {
    expect(() => sqliteStore({} as never)).toThrow(ArgumentError)
    expect(() => sqliteStore({ path: 'x', pathh: 'y' } as never)).toThrow("'path'")
  })
})
