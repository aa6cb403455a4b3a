/**
 * What was used once, in a SQLite file, by the SQLite that Node carries. For the guard of an API; a
 * server's is part of its store.
 *
 * @module
 */
export {
  sqliteReplayStore,
  type SqliteReplayStoreOptions,
} from './lib/sqlite/sqlite-replay-store.ts'
