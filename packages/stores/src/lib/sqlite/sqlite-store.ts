import { CamelCasePlugin, Kysely } from 'kysely'
import { assertKnownOptions, requiredString } from '@countersign/protocol'
import type { ServerStore } from '@countersign/server'
import type { ServerDatabase } from '../sql/server-database.ts'
import { sqlAccess } from '../sql/sql-access.ts'
import { sqlServerStore } from '../sql/sql-server-store.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import { openSqlite } from './open-sqlite.ts'

/** Where a SQLite database is. */
export interface SqliteStoreOptions {
  /** The file. Its folder must exist; the file is made at first use, for its owner's eyes only. */
  readonly path: string
}

/**
 * Everything a server keeps, in one SQLite file. Any number of processes on one machine may share it.
 *
 * Nothing is opened before the first call. What was written is on the disk when its call resolves. Do not put
 * the file on a network file system: its locks do not hold there.
 *
 * Throws: `ArgumentError`, at once. Calls reject with `ServerError`: `ERR_STORE` where the file cannot
 * be used, `ERR_CLOSED` once closed.
 */
export function sqliteStore(options: SqliteStoreOptions): ServerStore {
  assertKnownOptions('sqliteStore', options, ['path'])
  const path = requiredString('sqliteStore', 'path', options.path)
  const db = new Kysely<ServerDatabase>({
    dialect: nodeSqliteDialect(() => openSqlite(path)),
    plugins: [new CamelCasePlugin()],
  })
  return sqlServerStore(sqlAccess(db, { name: path }))
}
