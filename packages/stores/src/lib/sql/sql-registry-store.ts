import type { Kysely, Transaction } from 'kysely'
import { Migrator } from 'kysely/migration'
import {
  recordKey,
  ServerError,
  type RegistryChange,
  type RegistryConflict,
  type RegistryStore,
} from '@countersign/server'
import { isMet } from '../precondition.ts'
import { MIGRATIONS } from './migrations.ts'
import { hasRecords, recordRevision, recordsSince, writeRecord } from './record-rows.ts'
import type { RegistryDatabase } from './registry-database.ts'

/**
 * A registry store over a SQL database, whichever it is. The tables are made or migrated on first use.
 *
 * `name` says which database it is, in errors. Closing the store closes the database.
 */
export function sqlRegistryStore(db: Kysely<RegistryDatabase>, name: string): RegistryStore {
  let migrated: Promise<void> | undefined
  let closed = false

  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new ServerError('ERR_CLOSED', `the registry store ${name} is closed`)
    migrated ??= migrate(db).catch((error: unknown) => {
      // Another call may find the database reachable again.
      migrated = undefined
      throw error
    })
    try {
      await migrated
      return await work()
    } catch (cause) {
      throw new ServerError('ERR_STORE', `the registry store ${name} failed`, { cause })
    }
  }

  return {
    changesSince: (since) =>
      run(async () => {
        const revision = await currentRevision(db)
        if (revision === since) return { ...NO_RECORDS, revision }
        return db
          .transaction()
          .setAccessMode('read only')
          .execute(async (transaction) => ({
            revision: await currentRevision(transaction),
            ...(await recordsSince(transaction, since)),
          }))
      }),
    apply: (changes) =>
      run(async () => {
        try {
          const revision = await db
            .transaction()
            .execute((transaction) => applyAll(transaction, changes))
          return { applied: true, revision }
        } catch (error) {
          if (!(error instanceof Conflict)) throw error
          return { applied: false, conflict: error.conflict }
        }
      }),
    async close() {
      if (closed) return
      closed = true
      await db.destroy()
    },
  }
}

/** Leaves a transaction so that it is rolled back. */
class Conflict extends Error {
  readonly conflict: RegistryConflict

  constructor(conflict: RegistryConflict) {
    super('a precondition did not hold')
    this.conflict = conflict
  }
}

async function migrate(db: Kysely<RegistryDatabase>): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error !== undefined) throw error
}

async function currentRevision(db: Kysely<RegistryDatabase>): Promise<number> {
  const row = await db.selectFrom('registry').select('revision').executeTakeFirstOrThrow()
  return Number(row.revision)
}

async function applyAll(
  transaction: Transaction<RegistryDatabase>,
  changes: readonly RegistryChange[],
): Promise<number> {
  // First, so that a database with row locks lets one caller at a time past this line.
  const { revision } = await transaction
    .updateTable('registry')
    .set((row) => ({ revision: row('revision', '+', 1) }))
    .returning('revision')
    .executeTakeFirstOrThrow()
  for (const change of changes) {
    if (await holds(transaction, change)) continue
    const { kind, require } = change
    throw new Conflict({ kind, key: recordKey(change), require })
  }
  for (const change of changes) await writeRecord(transaction, change, Number(revision))
  return Number(revision)
}

async function holds(
  transaction: Transaction<RegistryDatabase>,
  change: RegistryChange,
): Promise<boolean> {
  const { require } = change
  if (require === 'none') return true
  if (require === 'first') return !(await hasRecords(transaction, change))
  return isMet(require, await recordRevision(transaction, change))
}

const NO_RECORDS = { clients: [], credentials: [], resources: [], grants: [], signingKeys: [] }
