/**
 * A server's store in one SQLite file, by the SQLite that Node carries.
 *
 * @module
 */
export { sqliteStore, type SqliteStoreOptions } from './lib/sqlite/sqlite-store.ts'
