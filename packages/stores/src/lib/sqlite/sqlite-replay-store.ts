import { CamelCasePlugin, Kysely } from 'kysely'
import { assertKnownOptions, optionalFunction, requiredString } from '@countersign/protocol'
import type { ReplayStore } from '@countersign/server'
import { PROOF_MIGRATIONS } from '../sql/proof-migrations.ts'
import type { ServerDatabase } from '../sql/server-database.ts'
import { sqlAccess } from '../sql/sql-access.ts'
import { sqlReplayStore } from '../sql/sql-replay-store.ts'
import { sweptReplayStore } from '../sql/swept-replay-store.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import { openSqlite } from './open-sqlite.ts'

/** Where a SQLite database is. */
export interface SqliteReplayStoreOptions {
  /** The file. Its folder must exist; the file is made at first use, for its owner's eyes only. */
  readonly path: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Remembers what was used once in a SQLite file, for any number of processes on one machine. Each use is
 * on the disk when its call resolves: at most some thousands a second.
 *
 * One table, `used_proofs`, is made at the first call; a server's file may be the same one. What has
 * expired is deleted beside a use, once a minute.
 *
 * Throws: `ArgumentError`, at once. Calls reject with `ServerError`: `ERR_STORE` where the file cannot
 * be used, `ERR_CLOSED` once closed.
 */
export function sqliteReplayStore(options: SqliteReplayStoreOptions): ReplayStore {
  const caller = 'sqliteReplayStore'
  assertKnownOptions(caller, options, ['path', 'now'])
  const path = requiredString(caller, 'path', options.path)
  const now = optionalFunction(caller, 'now', options.now, Date.now)
  const db = new Kysely<ServerDatabase>({
    dialect: nodeSqliteDialect(() => openSqlite(path)),
    plugins: [new CamelCasePlugin()],
  })
  const access = sqlAccess(db, { name: path, migrations: PROOF_MIGRATIONS })
  return sweptReplayStore(sqlReplayStore(access, 'usedProofs'), now)
}
