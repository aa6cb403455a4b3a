import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { TokenStore } from '@countersign/client/sharing'
import { assertKnownOptions, optionalFunction, requiredString } from '@countersign/protocol'
import { exclusively } from './exclusively.ts'
import { ownFolder } from './own-folder.ts'
import { replaceFile } from './replace-file.ts'
import { sweepFolder } from './sweep-folder.ts'

/** Where the files are. */
export interface FileTokenStoreOptions {
  /** The folder, for this store alone. It is made at first use; its parent must exist. */
  readonly folder: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * A token store in files: for commands and batch jobs that run on one machine, one after another or
 * at once.
 *
 * One file for each key, readable by its owner only, in a folder that is too. A folder that was opened
 * to others is closed again; one that belongs to somebody else is refused. On Windows neither is looked
 * at: there the folder is as open as its parent. Files are replaced whole, so none is ever seen half
 * written. What is over is removed now and then. Do not put the folder on a network file system: its
 * locks do not hold there.
 *
 * Throws: `ArgumentError`. Operations reject with errors of `node:fs`, or with `ERR_TOKEN_FOLDER`.
 */
export function fileTokenStore(options: FileTokenStoreOptions): TokenStore {
  assertKnownOptions('fileTokenStore', options, ['folder', 'now'])
  const given: FileTokenStoreOptions = options
  // Made absolute: it stays where it is when the process moves, and no slash at its end hides a link.
  const folder = resolve(requiredString('fileTokenStore', 'folder', given.folder))
  const now = optionalFunction('fileTokenStore', 'now', given.now, Date.now)
  let sweepAt = 0

  async function pathOf(key: string, kind: 'token' | 'lease'): Promise<string> {
    // A key is part of a path: what is not a plain name does not get there.
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(key)) throw new TypeError('fileTokenStore: a wrong key')
    await ownFolder(folder)
    return join(folder, `${key}.${kind}`)
  }

  async function sweep(): Promise<void> {
    const time = now()
    if (time < sweepAt) return
    sweepAt = time + SWEEP_EVERY
    await sweepFolder(folder, (text) => (parseRecord(text)?.until ?? 0) <= time)
  }

  async function current(path: string): Promise<FileRecord | undefined> {
    const record = parseRecord(await textOf(path))
    return record !== undefined && now() < record.until ? record : undefined
  }

  async function isTaken(path: string): Promise<boolean> {
    const lease = await current(path)
    // From later than this moment: the clock was set back, and would not come to its end for long.
    return lease !== undefined && lease.measure <= now() + CLOCK_TOLERANCE
  }

  return {
    async get(key) {
      return (await current(await pathOf(key, 'token')))?.text
    },
    async replaceIfNewer(key, { value, expiresAt, ttl, replacing }) {
      const path = await pathOf(key, 'token')
      const written = await exclusively(path, async () => {
        const kept = await current(path)
        if (kept !== undefined && kept.measure >= expiresAt && kept.text !== replacing) return false
        await replaceFile(
          path,
          formatRecord({ measure: expiresAt, until: now() + ttl, text: value }),
        )
        return true
      })
      await sweep()
      return written
    },
    async lease(key, owner, ttl) {
      const path = await pathOf(key, 'lease')
      // Those who wait ask often: they need no lock to see that it is taken.
      if (await isTaken(path)) return undefined
      const taken = await exclusively(path, async () => {
        if (await isTaken(path)) return false
        const time = now()
        await replaceFile(path, formatRecord({ measure: time, until: time + ttl, text: owner }))
        return true
      })
      if (!taken) return undefined
      return {
        async release() {
          await exclusively(path, async () => {
            if (parseRecord(await textOf(path))?.text === owner) await rm(path, { force: true })
          })
        },
      }
    },
  }
}

/** Milliseconds between two looks for files that are over. */
const SWEEP_EVERY = 3_600_000
/** Milliseconds by which two looks at one clock may be out of order. */
const CLOCK_TOLERANCE = 5000

/** What a file holds: a line with two numbers, then a text. */
interface FileRecord {
  /** When what is in it ends; of a lease, when it was taken. */
  readonly measure: number
  /** How long the file counts. */
  readonly until: number
  readonly text: string
}

function formatRecord({ measure, until, text }: FileRecord): string {
  return `${Math.floor(measure)} ${Math.ceil(until)}\n${text}`
}

/** `undefined` for no file, and for one that is no record: both count for nothing. */
function parseRecord(content: string | undefined): FileRecord | undefined {
  const match = /^(\d{1,16}) (\d{1,16})\n([\s\S]*)$/.exec(content ?? '')
  if (match === null) return undefined
  return { measure: Number(match[1]), until: Number(match[2]), text: match[3] ?? '' }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
