import { sql } from 'kysely'
import { assertKnownOptions, optionalNumber } from '@countersign/protocol'
import type { ServerStore } from '@countersign/server'
import { sqlAccess } from '../sql/sql-access.ts'
import { sqlServerStore } from '../sql/sql-server-store.ts'
import { currentSchema, openPostgres, poolOf } from './open-postgres.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { postgresWatch } from './postgres-watch.ts'

/** Which PostgreSQL. */
export interface PostgresStoreOptions {
  /**
   * A Pool of the package `pg`. It stays the caller's, who ends it after the store is closed. Give it a
   * `connectionTimeoutMillis`: without one, connections to a machine that is gone hold its places.
   */
  readonly pool: PostgresPool
  /**
   * How long a call may take, in milliseconds, waiting for a connection included. Default 5,000. The
   * first call, which may migrate, and reading everything may take a minute.
   */
  readonly deadline?: number
}

/** The name is the database's, not the schema's: a hint too many does no harm. */
const CHANNEL = 'countersign_registry'
/** For migrations, while others that start at once wait, and for reading the whole registry. */
const PATIENCE = 60_000

/**
 * Everything a server keeps, in PostgreSQL 12 or later: for any number of servers.
 *
 * The tables are made at the first call, in the schema that the connections are in; give it a schema or
 * a database of its own. A change is told to every server at once, over one connection more than the
 * pool's (`LISTEN`), which a pooler in transaction mode does not carry: it is then seen by polling.
 *
 * Throws: `ArgumentError`, at once. Calls reject with `ServerError`: `ERR_STORE` where the database
 * cannot be used or does not answer within `deadline`, `ERR_CLOSED` once closed. What a call that
 * rejected was to write may have been written all the same.
 */
export function postgresStore(options: PostgresStoreOptions): ServerStore {
  const caller = 'postgresStore'
  assertKnownOptions(caller, options, ['pool', 'deadline'])
  const given: PostgresStoreOptions = options
  const pool = poolOf(caller, given.pool)
  const deadline = optionalNumber(caller, 'deadline', given.deadline, {
    fallback: 5000,
    min: 50,
    max: 60_000,
  })
  const watch = postgresWatch(pool, CHANNEL)
  const access = sqlAccess(openPostgres(pool, deadline), {
    name: 'on PostgreSQL',
    deadline,
    patient: { db: openPostgres(pool, PATIENCE, deadline), deadline: PATIENCE },
    migrationSchema: currentSchema,
    onClose: () => watch?.close(),
  })
  const store = sqlServerStore(access, {
    async begun(transaction) {
      // A server that is gone without a word must not hold the registry's lock until TCP finds out.
      const milliseconds = String(deadline)
      await sql`select set_config('idle_in_transaction_session_timeout', ${milliseconds}, true),
        set_config('statement_timeout', ${milliseconds}, true)`.execute(transaction)
    },
    async applied(transaction) {
      await sql`select pg_notify(${CHANNEL}, '')`.execute(transaction)
    },
  })
  if (watch === undefined) return store
  return { ...store, registry: { ...store.registry, watch: watch.watch } }
}
