import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handClock } from '@countersign/testkit'
import { replayStoreContract } from '@countersign/testkit/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sqliteReplayStore } from './replay-sqlite.ts'
import { sqliteStore } from './sqlite.ts'

let folder = ''
function makeFolder(): void {
  folder = mkdtempSync(join(tmpdir(), 'countersign-'))
}
const removeFolder = (): void => rmSync(folder, { recursive: true })
const path = (): string => join(folder, 'proofs.db')

replayStoreContract('sqliteReplayStore', {
  makeStores(count) {
    makeFolder()
    return Array.from({ length: count }, () => sqliteReplayStore({ path: path() }))
  },
  cleanUp: removeFolder,
})

describe('sqliteReplayStore', () => {
  beforeEach(makeFolder)
  afterEach(removeFolder)

  it('deletes beside a use what has expired, and remembers what has not', async () => {
    const clock = handClock()
    const store = sqliteReplayStore({ path: path(), now: clock.now })
    await store.reserve('ended', clock.now() + 1000)
    await store.reserve('alive', clock.now() + 600_000)
    clock.advance(120_000)
    await store.reserve('another', clock.now() + 1000)
    const database = new DatabaseSync(path())
    const keys = (): unknown[] =>
      database
        .prepare('select key from used_proofs order by key')
        .all()
        .map((row) => row['key'])
    await vi.waitFor(() => expect(keys()).toEqual(['alive', 'another']))
    database.close()
    expect(await store.reserve('alive', clock.now() + 600_000)).toBe(false)
    await store.close()
  })

  it('shares its file with a server, whose tables are its own', async () => {
    const server = sqliteStore({ path: path() })
    const proofs = sqliteReplayStore({ path: path() })
    const at = Date.now() + 60_000
    expect(await server.replay.reserve('a', at)).toBe(true)
    expect(await proofs.reserve('a', at)).toBe(true)
    expect(await Promise.all([server.replay.reserve('a', at), proofs.reserve('a', at)])).toEqual([
      false,
      false,
    ])
    await Promise.all([server.close(), proofs.close()])
  })

  it('refuses a missing path and an unknown option at once', () => {
    expect(() => sqliteReplayStore({} as never)).toThrow("'path'")
    expect(() => sqliteReplayStore({ path: 'x', pathh: 'y' } as never)).toThrow("'pathh'")
  })
})
