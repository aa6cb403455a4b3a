import type { Kysely, Transaction } from 'kysely'
import {
  recordKey,
  type RegistryChange,
  type RegistryConflict,
  type RegistryRecord,
  type RegistryStore,
} from '@countersign/server'
import { isMet } from '../precondition.ts'
import type { ServerDatabase } from './server-database.ts'
import type { SqlAccess } from './sql-access.ts'

/** A registry in a SQL database, without a way to watch it. */
export function sqlRegistryStore({ run, close }: SqlAccess): RegistryStore {
  return {
    changesSince: (since) =>
      run(async (db) => {
        const revision = await currentRevision(db)
        if (revision === since) return { revision, records: [] }
        return db
          .transaction()
          .setIsolationLevel('repeatable read')
          .setAccessMode('read only')
          .execute(async (transaction) => ({
            revision: await currentRevision(transaction),
            records: await recordsSince(transaction, since),
          }))
      }),
    apply: (changes) =>
      run(async (db) => {
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
    forgetRevocations: (at) =>
      run(async (db) => {
        const rows = await db
          .selectFrom('registryRecords')
          .select(['key', 'record'])
          .where('kind', '=', 'revocation')
          .execute()
        const ended = rows.filter(({ record }) => expiryOf(record) < at).map(({ key }) => key)
        // A statement takes only so many parameters.
        for (let start = 0; start < ended.length; start += CHUNK) {
          await db
            .deleteFrom('registryRecords')
            .where('kind', '=', 'revocation')
            .where('key', 'in', ended.slice(start, start + CHUNK))
            .execute()
        }
      }),
    close,
  }
}

const CHUNK = 500

/** Leaves a transaction so that it is rolled back. */
class Conflict extends Error {
  readonly conflict: RegistryConflict

  constructor(conflict: RegistryConflict) {
    super('a precondition did not hold')
    this.conflict = conflict
  }
}

async function currentRevision(db: Kysely<ServerDatabase>): Promise<number> {
  const row = await db.selectFrom('registry').select('revision').executeTakeFirstOrThrow()
  return Number(row.revision)
}

async function recordsSince(
  transaction: Transaction<ServerDatabase>,
  since: number,
): Promise<readonly RegistryRecord[]> {
  const rows = await transaction
    .selectFrom('registryRecords')
    .select(['kind', 'record'])
    .where('revision', '>', since)
    .execute()
  return rows.map(({ kind, record }) => ({ kind, record: JSON.parse(record) }) as RegistryRecord)
}

async function applyAll(
  transaction: Transaction<ServerDatabase>,
  changes: readonly RegistryChange[],
): Promise<number> {
  // First, so that a database with row locks lets one caller at a time past this line.
  const row = await transaction
    .updateTable('registry')
    .set((column) => ({ revision: column('revision', '+', 1) }))
    .returning('revision')
    .executeTakeFirstOrThrow()
  const revision = Number(row.revision)
  for (const change of changes) {
    if (await holds(transaction, change)) continue
    const { kind, require } = change
    throw new Conflict({ kind, key: recordKey(change), require })
  }
  for (const change of changes) await write(transaction, change, revision)
  return revision
}

async function holds(
  transaction: Transaction<ServerDatabase>,
  change: RegistryChange,
): Promise<boolean> {
  const { kind, require } = change
  if (require === 'none') return true
  const ofKind = transaction
    .selectFrom('registryRecords')
    .select('revision')
    .where('kind', '=', kind)
  if (require === 'first') return (await ofKind.limit(1).executeTakeFirst()) === undefined
  const row = await ofKind.where('key', '=', recordKey(change)).executeTakeFirst()
  return isMet(require, row && Number(row.revision))
}

async function write(
  transaction: Transaction<ServerDatabase>,
  change: RegistryChange,
  revision: number,
): Promise<void> {
  const { kind } = change
  const row = { kind, key: recordKey(change), revision, record: JSON.stringify(change.record) }
  await transaction
    .insertInto('registryRecords')
    .values(row)
    .onConflict((conflict) => conflict.columns(['kind', 'key']).doUpdateSet(row))
    .execute()
}

function expiryOf(record: string): number {
  return Number((JSON.parse(record) as { readonly expiresAt?: unknown }).expiresAt)
}
