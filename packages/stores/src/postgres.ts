/**
 * A server's store in PostgreSQL, through the `pg` Pool that the caller hands in.
 *
 * @module
 */
export { postgresStore, type PostgresStoreOptions } from './lib/postgres/postgres-store.ts'
export type {
  PostgresConnection,
  PostgresPool,
  PostgresResult,
} from './lib/postgres/postgres-pool.ts'
