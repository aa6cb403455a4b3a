/**
 * A server's store in one SQLite file, by the SQLite that Node carries.
 *
 * @module
 */
export { backUpSqlite } from './lib/sqlite/back-up-sqlite.ts'
export { sqliteStore, type SqliteStoreOptions } from './lib/sqlite/sqlite-store.ts'
