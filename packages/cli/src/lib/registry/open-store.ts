import { createRequire } from 'node:module'
import type { ServerStore } from '@countersign/server'
import { postgresStore, type PostgresPool } from '@countersign/stores/postgres'
import { sqliteStore } from '@countersign/stores/sqlite'
import { CommandFailure, usageFailure } from '../errors/command-failure.ts'
import { isPostgresUrl } from './postgres-url.ts'

/** The package `pg`, as far as it is used. */
interface PostgresDriver {
  readonly Pool: new (options: object) => PostgresPool & { end(): Promise<void> }
}

/**
 * The store that `--db` names: a SQLite file or a PostgreSQL. Nothing is opened before the first call.
 *
 * The package `pg` is loaded by `load`, only for a PostgreSQL: whoever needs none installs none.
 * Throws: `CommandFailure` (usage, configuration). The URL is in no message: it may hold a password.
 */
export function openStore(db: string, load: () => PostgresDriver = loadDriver): ServerStore {
  if (!isPostgresUrl(db)) return sqliteStore({ path: db })
  if (!URL.canParse(db)) {
    throw usageFailure(
      'the postgres:// URL in --db or COUNTERSIGN_DB cannot be read',
      'Write it as postgres://USER@HOST:5432/DATABASE, what is special in it percent-encoded',
    )
  }
  const { Pool } = driver(load)
  const pool = new Pool({ connectionString: db, connectionTimeoutMillis: 5000, max: 5 })
  const store = postgresStore({ pool })
  let closed: Promise<void> | undefined
  async function close(): Promise<void> {
    await store.close()
    await pool.end()
  }
  return { ...store, close: () => (closed ??= close()) }
}

function driver(load: () => PostgresDriver): PostgresDriver {
  try {
    return load()
  } catch (cause) {
    throw new CommandFailure('configuration', 'PostgreSQL needs the package pg', {
      cure: 'Install it beside this command: npm install pg (with -g where the command is global)',
      cause,
    })
  }
}

function loadDriver(): PostgresDriver {
  return createRequire(import.meta.url)('pg') as PostgresDriver
}
