import pg from 'pg'
import type { RunningPostgresql } from './postgresql.ts'

/** A schema of a test's own in a PostgreSQL that tests share. */
export interface PostgresqlSchema {
  /** What makes a connection that is in the schema. */
  readonly connection: pg.PoolConfig
  /** The same as a URL. */
  readonly url: string
  /** Another pool of connections in the schema, as another machine would have. */
  pool(): pg.Pool
  /** Ends the pools and removes everything in the schema. */
  drop(): Promise<void>
}

let made = 0

/** Makes a schema with nothing in it. */
export async function postgresqlSchema(database: RunningPostgresql): Promise<PostgresqlSchema> {
  const name = `test_${++made}`
  await database.execute(`create schema ${name}`)
  const connection = { ...database.connection, options: `-c search_path=${name}` }
  const { host, port, user, password, database: base } = database.connection
  const search = `options=${encodeURIComponent(connection.options)}`
  const pools: pg.Pool[] = []
  return {
    connection,
    url: `postgres://${user}:${password}@${host}:${port}/${base}?${search}`,
    pool() {
      const pool = new pg.Pool({ ...connection, connectionTimeoutMillis: 5000 })
      pools.push(pool)
      return pool
    },
    async drop() {
      for (const pool of pools) if (!pool.ended) await pool.end()
      await database.execute(`drop schema ${name} cascade`)
    },
  }
}
