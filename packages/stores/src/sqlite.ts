/**
 * A registry store in one SQLite file, by the SQLite that Node carries.
 *
 * @module
 */
export {
  sqliteRegistryStore,
  type SqliteRegistryStoreOptions,
} from './lib/sqlite/sqlite-registry-store.ts'
