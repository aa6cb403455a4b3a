import { CamelCasePlugin, Kysely } from 'kysely'
import { assertKnownOptions, requiredString } from '@countersign/protocol'
import type { RegistryStore } from '@countersign/server'
import type { RegistryDatabase } from '../sql/registry-database.ts'
import { sqlRegistryStore } from '../sql/sql-registry-store.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import { openSqlite } from './open-sqlite.ts'

/** Where a SQLite registry is. */
export interface SqliteRegistryStoreOptions {
  /** The file. Its folder must exist; the file is made at first use, for its owner's eyes only. */
  readonly path: string
}

/**
 * A registry in one SQLite file. Any number of processes on one machine may share it.
 *
 * Nothing is opened before the first call. A change is on the disk when `apply` resolves. Do not put
 * the file on a network file system: its locks do not hold there.
 *
 * Throws: `ArgumentError`, at once. Calls reject with `ServerError`: `ERR_STORE` where the file cannot
 * be used, `ERR_CLOSED` once closed.
 */
export function sqliteRegistryStore(options: SqliteRegistryStoreOptions): RegistryStore {
  assertKnownOptions('sqliteRegistryStore', options, ['path'])
  const path = requiredString('sqliteRegistryStore', 'path', options.path)
  const db = new Kysely<RegistryDatabase>({
    dialect: nodeSqliteDialect(() => openSqlite(path)),
    plugins: [new CamelCasePlugin()],
  })
  return sqlRegistryStore(db, path)
}
