import { assertKnownOptions, optionalFunction, optionalNumber } from '@countersign/protocol'
import type { ReplayStore } from '@countersign/server'
import { sqlAccess } from '../sql/sql-access.ts'
import { PROOF_MIGRATIONS } from '../sql/proof-migrations.ts'
import { sqlReplayStore } from '../sql/sql-replay-store.ts'
import { sweptReplayStore } from '../sql/swept-replay-store.ts'
import { currentSchema, openPostgres, poolOf } from './open-postgres.ts'
import type { PostgresPool } from './postgres-pool.ts'

/** Which PostgreSQL. */
export interface PostgresReplayStoreOptions {
  /**
   * A Pool of the package `pg`. It stays the caller's, who ends it after the store is closed. Give it a
   * `connectionTimeoutMillis`: without one, connections to a machine that is gone hold its places.
   */
  readonly pool: PostgresPool
  /** How long a call may take, in milliseconds, waiting for a connection included. Default 1,000. */
  readonly deadline?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** For making the table, while others that start at once wait. */
const PATIENCE = 60_000

/**
 * Remembers what was used once in PostgreSQL 12 or later, for any number of instances: one `insert` for
 * each use, whose primary key decides who was first.
 *
 * One table, `used_proofs`, is made at the first call, in the schema that the connections are in; that
 * of a server may be the same one. What has expired is deleted beside a use, once a minute.
 *
 * Throws: `ArgumentError`, at once. Calls reject with `ServerError`: `ERR_STORE` where the database
 * cannot be used or does not answer within `deadline`, `ERR_CLOSED` once closed.
 */
export function postgresReplayStore(options: PostgresReplayStoreOptions): ReplayStore {
  const caller = 'postgresReplayStore'
  assertKnownOptions(caller, options, ['pool', 'deadline', 'now'])
  const given: PostgresReplayStoreOptions = options
  const pool = poolOf(caller, given.pool)
  const deadline = optionalNumber(caller, 'deadline', given.deadline, {
    fallback: 1000,
    min: 50,
    max: 60_000,
  })
  const now = optionalFunction(caller, 'now', given.now, Date.now)
  const access = sqlAccess(openPostgres(pool, deadline), {
    name: 'for replays on PostgreSQL',
    deadline,
    patient: { db: openPostgres(pool, PATIENCE, deadline), deadline: PATIENCE },
    migrations: PROOF_MIGRATIONS,
    migrationSchema: currentSchema,
  })
  return sweptReplayStore(sqlReplayStore(access, 'usedProofs'), now)
}
