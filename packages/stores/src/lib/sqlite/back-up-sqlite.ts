import { closeSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { assertKnownOptions, requiredString } from '@countersign/protocol'
import { whenFree } from './when-free.ts'

/**
 * Copies a database to `to`, whole and as of one instant, while servers work on it.
 *
 * A plain copy of the file would miss what is still in the write-ahead log. The copy is readable by its
 * owner only. It holds sealed keys and digests, and is of no use without the master keys: keep those
 * elsewhere. Rejects with `ENOENT` where there is no database, with `EEXIST` where `to` exists.
 */
export async function backUpSqlite(options: {
  readonly path: string
  readonly to: string
}): Promise<void> {
  const caller = 'backUpSqlite'
  assertKnownOptions(caller, options, ['path', 'to'])
  const path = requiredString(caller, 'path', options.path)
  const to = requiredString(caller, 'to', options.to)
  // SQLite would make a database that is missing.
  closeSync(openSync(path, 'r'))
  closeSync(openSync(to, 'wx', 0o600))
  const database = new DatabaseSync(path)
  try {
    const copy = database.prepare('vacuum into ?')
    await whenFree(() => copy.run(to))
  } catch (error) {
    rmSync(to, { force: true })
    throw error
  } finally {
    database.close()
  }
}
