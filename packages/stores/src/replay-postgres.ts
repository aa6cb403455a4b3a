/**
 * What was used once, in PostgreSQL, through the `pg` Pool that the caller hands in. For the guard of an
 * API; a server's is part of its store.
 *
 * @module
 */
export {
  postgresReplayStore,
  type PostgresReplayStoreOptions,
} from './lib/postgres/postgres-replay-store.ts'
export type {
  PostgresConnection,
  PostgresPool,
  PostgresResult,
} from './lib/postgres/postgres-pool.ts'
