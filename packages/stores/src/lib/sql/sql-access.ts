import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { ServerError } from '@countersign/server'
import { MIGRATIONS } from './migrations.ts'
import type { ServerDatabase } from './server-database.ts'

/** The way to a database for all the stores that share it. */
export interface SqlAccess {
  readonly db: Kysely<ServerDatabase>
  /**
   * Does `work` once the tables are there. Rejects with `ServerError`: `ERR_CLOSED` once closed,
   * `ERR_STORE` where the database fails.
   */
  run<T>(work: (db: Kysely<ServerDatabase>) => Promise<T>): Promise<T>
  /** Closes the database. Repeats are harmless. */
  close(): Promise<void>
}

/** Access to `db`, whose tables are made or migrated at the first use. `name` says which, in errors. */
export function sqlAccess(db: Kysely<ServerDatabase>, name: string): SqlAccess {
  let migrated: Promise<void> | undefined
  let closed: Promise<void> | undefined

  return {
    db,
    async run(work) {
      if (closed !== undefined) throw new ServerError('ERR_CLOSED', `the store ${name} is closed`)
      migrated ??= migrate(db).catch((error: unknown) => {
        // Another call may find the database reachable again.
        migrated = undefined
        throw error
      })
      try {
        await migrated
        return await work(db)
      } catch (cause) {
        throw new ServerError('ERR_STORE', `the store ${name} failed`, { cause })
      }
    },
    close: () => (closed ??= db.destroy()),
  }
}

async function migrate(db: Kysely<ServerDatabase>): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error !== undefined) throw error
}
