import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArgumentError } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { tokenStoreContract } from '@countersign/testkit/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileTokenStore } from './token-file.ts'

const clock = handClock()
let parent = ''
const makeParent = (): void => {
  parent = mkdtempSync(join(tmpdir(), 'countersign-'))
}
const removeParent = (): void => rmSync(parent, { recursive: true })
const folder = (): string => join(parent, 'tokens')
const open = () => fileTokenStore({ folder: folder(), now: clock.now })

tokenStoreContract('fileTokenStore', {
  makeStore() {
    makeParent()
    return open()
  },
  pass: (milliseconds) => clock.advance(milliseconds),
  cleanUp: removeParent,
})

const entry = (value: string, ttl = 60_000) => ({ value, expiresAt: 1_900_000_000_000, ttl })

describe('fileTokenStore', () => {
  beforeEach(makeParent)
  afterEach(removeParent)

  it('does nothing before the first call', () => {
    open()
    expect(existsSync(folder())).toBe(false)
  })

  it('shows to another store on the same folder what was written', async () => {
    await open().replaceIfNewer('a', entry('value'))
    expect(await open().get('a')).toBe('value')
  })

  it('makes folder and files for their owner only, whatever the umask', async () => {
    const umask = process.umask(0)
    try {
      await open().replaceIfNewer('a', entry('value'))
      await open().lease('a', 'owner', 60_000)
    } finally {
      process.umask(umask)
    }
    expect(statSync(folder()).mode & 0o777).toBe(0o700)
    const names = readdirSync(folder()).toSorted()
    expect(names).toEqual(['a.lease', 'a.token'])
    for (const name of names) expect(statSync(join(folder(), name)).mode & 0o777).toBe(0o600)
  })

  it('closes a folder that was opened to others', async () => {
    mkdirSync(folder())
    chmodSync(folder(), 0o755)
    await open().get('a')
    expect(statSync(folder()).mode & 0o777).toBe(0o700)
  })

  it('refuses a folder that is a link, or a file', async () => {
    mkdirSync(join(parent, 'elsewhere'))
    symlinkSync(join(parent, 'elsewhere'), folder())
    await expect(open().get('a')).rejects.toMatchObject({ code: 'ERR_TOKEN_FOLDER' })
    const withSlash = fileTokenStore({ folder: `${folder()}/` })
    await expect(withSlash.get('a')).rejects.toMatchObject({ code: 'ERR_TOKEN_FOLDER' })
    rmSync(folder())
    writeFileSync(folder(), '')
    await expect(open().get('a')).rejects.toMatchObject({ code: 'ERR_TOKEN_FOLDER' })
  })

  it.each(['', '../a', 'a/b', 'a.b', 'a\u0000', 'x'.repeat(129)])(
    'lets no key %j near the disk',
    async (key) => {
      const store = open()
      await expect(store.get(key)).rejects.toThrow('a wrong key')
      await expect(store.replaceIfNewer(key, entry('value'))).rejects.toThrow('a wrong key')
      await expect(store.lease(key, 'owner', 1)).rejects.toThrow('a wrong key')
      expect(existsSync(folder())).toBe(false)
    },
  )

  it('takes a damaged file for none, and replaces it', async () => {
    await open().get('a')
    for (const damage of ['', 'x', '12', '9999999999999 9999999999999', '\u0000\u0000']) {
      writeFileSync(join(folder(), 'a.token'), damage)
      expect(await open().get('a')).toBeUndefined()
    }
    expect(await open().replaceIfNewer('a', entry('value'))).toBe(true)
    expect(await open().get('a')).toBe('value')
  })

  it('takes away the lock of a process that ended within an operation', async () => {
    await open().get('a')
    const lock = join(folder(), 'a.token.lock')
    writeFileSync(lock, '')
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(lock, longAgo, longAgo)
    const stores = Array.from({ length: 10 }, open)
    const written = await Promise.all(stores.map((store) => store.replaceIfNewer('a', entry('v'))))
    expect(written.filter(Boolean)).toHaveLength(1)
    expect(readdirSync(folder())).toEqual(['a.token'])
  })

  it('gives a lease again after the clock was set back, not when that time has come again', async () => {
    await open().lease('a', 'owner', 15_000)
    expect(await open().lease('a', 'other', 15_000)).toBeUndefined()
    clock.advance(-3_600_000)
    expect(await open().lease('a', 'other', 15_000)).toBeDefined()
  })

  it('removes what is over when an hour has gone by, and leaves what is not', async () => {
    const store = open()
    await store.replaceIfNewer('over', entry('value', 1000))
    await store.replaceIfNewer('lasts', entry('value', 10_000_000))
    await store.lease('over', 'owner', 1000)
    clock.advance(3_600_001)
    await store.replaceIfNewer('fresh', entry('value'))
    expect(readdirSync(folder()).toSorted()).toEqual(['fresh.token', 'lasts.token'])
  })

  it('rejects where the folder cannot be made', async () => {
    const store = fileTokenStore({ folder: join(parent, 'missing', 'tokens') })
    await expect(store.get('a')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses a missing folder and an unknown option at once', () => {
    expect(() => fileTokenStore({} as never)).toThrow(ArgumentError)
    expect(() => fileTokenStore({ folder: 'x', foldr: 'y' } as never)).toThrow("'folder'")
  })
})
