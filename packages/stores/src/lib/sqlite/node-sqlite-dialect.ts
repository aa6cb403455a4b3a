import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Dialect,
  type Kysely,
} from 'kysely'
import { NodeSqliteDriver, type OpenSqlite } from './node-sqlite-driver.ts'

/** Kysely's SQLite over the module `node:sqlite`. `open` is called once, at the first query. */
export function nodeSqliteDialect(open: OpenSqlite): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(open),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/**
 * Lets migrations run inside a transaction. SQLite can do so, and the write lock that the driver takes
 * with it is what keeps two processes from migrating one file at once.
 */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
