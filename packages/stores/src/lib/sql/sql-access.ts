import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { ServerError } from '@countersign/server'
import { within } from '../within.ts'
import { MIGRATIONS } from './migrations.ts'
import type { ServerDatabase } from './server-database.ts'

/** The way to a database for all the stores that share it. */
export interface SqlAccess {
  /**
   * Does `work` once the tables are there. Rejects with `ServerError`: `ERR_CLOSED` once closed,
   * `ERR_STORE` where the database fails or takes too long. Work that reads everything is patient.
   */
  run<T>(
    work: (db: Kysely<ServerDatabase>) => Promise<T>,
    options?: { readonly patient: boolean },
  ): Promise<T>
  /** Closes the database. Repeats are harmless. */
  close(): Promise<void>
}

/** Migrations by name, in the order of the names, and the table that says which were made. */
export interface Migrations {
  readonly all: Readonly<Record<string, Migration>>
  readonly table: string
}

/** How a database is got at. */
export interface SqlAccessOptions {
  /** Says which store it is, in errors. */
  readonly name: string
  /** Milliseconds a call may take; none where whatever runs it cannot hang. */
  readonly deadline?: number
  /** The same database for what takes its time, such as migrations. Default the one that calls use. */
  readonly patient?: { readonly db: Kysely<ServerDatabase>; readonly deadline: number }
  /** What makes the tables. Default those of a server. */
  readonly migrations?: Migrations
  /** The schema that the tables go to, for a database that has schemas. */
  readonly migrationSchema?: (db: Kysely<ServerDatabase>) => Promise<string | undefined>
  readonly onClose?: () => void
}

/** Access to `db`, whose tables are made or migrated at the first use. */
export function sqlAccess(db: Kysely<ServerDatabase>, options: SqlAccessOptions): SqlAccess {
  const { name, deadline, patient = { db, deadline }, onClose } = options
  let migrated: Promise<void> | undefined
  let closed: Promise<void> | undefined

  async function migratedAnd<T>(work: () => Promise<T>): Promise<T> {
    migrated ??= migrate(patient.db, options).catch((error: unknown) => {
      // Another call may find the database reachable again.
      migrated = undefined
      throw error
    })
    await migrated
    return work()
  }

  async function close(): Promise<void> {
    onClose?.()
    await db.destroy()
    if (patient.db !== db) await patient.db.destroy()
  }

  return {
    async run(work, { patient: isPatient } = { patient: false }) {
      if (closed !== undefined) throw new ServerError('ERR_CLOSED', `the store ${name} is closed`)
      try {
        const way = isPatient ? patient : { db, deadline }
        const done = migratedAnd(() => work(way.db))
        return await (way.deadline === undefined ? done : within(done, way.deadline))
      } catch (cause) {
        throw new ServerError('ERR_STORE', `the store ${name} failed`, { cause })
      }
    },
    close: () => (closed ??= close()),
  }
}

/** Of our own name: whoever else is in this database may use Kysely, too. */
const SERVER_MIGRATIONS: Migrations = { all: MIGRATIONS, table: 'countersign_migration' }

async function migrate(
  db: Kysely<ServerDatabase>,
  { migrationSchema, migrations: { all, table } = SERVER_MIGRATIONS }: SqlAccessOptions,
): Promise<void> {
  const schema = await migrationSchema?.(db)
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...all }) },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  }).migrateToLatest()
  if (error !== undefined) throw error
}
