import { CamelCasePlugin, Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import { ArgumentError } from '@countersign/protocol'
import type { ServerDatabase } from '../sql/server-database.ts'
import { boundedPool } from './bounded-pool.ts'
import type { PostgresPool } from './postgres-pool.ts'

/** The database behind a pool, whose connections are on loan for `deadline` milliseconds at most. */
export function openPostgres(
  pool: PostgresPool,
  deadline: number,
  connectDeadline?: number,
): Kysely<ServerDatabase> {
  return new Kysely<ServerDatabase>({
    dialect: new PostgresDialect({ pool: boundedPool(pool, deadline, connectDeadline) }),
    plugins: [new CamelCasePlugin()],
  })
}

/** The schema that the connections are in. */
export async function currentSchema(
  db: Kysely<ServerDatabase> | Transaction<ServerDatabase>,
): Promise<string | undefined> {
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(
    db,
  )
  return rows[0]?.schema ?? undefined
}

/** Throws: `ArgumentError` for what is no pool. */
export function poolOf(caller: string, pool: PostgresPool | null | undefined): PostgresPool {
  if (typeof pool?.connect === 'function' && typeof pool.on === 'function') return pool
  throw new ArgumentError(
    pool === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
    'pool',
    `${caller}: 'pool' must be a Pool of the package pg`,
  )
}
