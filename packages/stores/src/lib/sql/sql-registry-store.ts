import type { Kysely, Transaction } from 'kysely'
import {
  recordKey,
  type AuditLog,
  type RegistryChange,
  type RegistryConflict,
  type RegistryRecord,
  type RegistryStore,
} from '@countersign/server'
import { insertEntries } from './sql-audit-log.ts'
import { aloneSince, areKin, isMet } from '../precondition.ts'
import type { ServerDatabase } from './server-database.ts'
import type { SqlAccess } from './sql-access.ts'

/** What a database does more in the transaction of an `apply`. */
export interface ApplySteps {
  /** Before anything else. */
  readonly begun?: (transaction: Transaction<ServerDatabase>) => Promise<void>
  /** Once everything is written. */
  readonly applied?: (transaction: Transaction<ServerDatabase>) => Promise<void>
}

/** A registry in a SQL database, without a way to watch it. `log` is the audit log in the same database. */
export function sqlRegistryStore(
  { run, close }: SqlAccess,
  log: AuditLog,
  { begun, applied }: ApplySteps = {},
): RegistryStore {
  return {
    changesSince: (since, take) =>
      run(
        async (db) => {
          const revision = await currentRevision(db)
          if (revision === since) return { revision, records: [] }
          return db
            .transaction()
            .setIsolationLevel('repeatable read')
            .setAccessMode('read only')
            .execute(async (transaction) => ({
              revision: await currentRevision(transaction),
              records:
                since === 0
                  ? await everyRecord(transaction, take)
                  : await recordsSince(transaction, since),
            }))
        },
        { patient: since === 0 },
      ),
    apply: (changes, audit) =>
      run(async (db) => {
        const entries = audit?.log === log ? audit.entries : undefined
        try {
          const revision = await db
            .transaction()
            // Whoever waits for the lock must then see what the one before has written.
            .setIsolationLevel('read committed')
            .execute(async (transaction) => {
              await begun?.(transaction)
              const made = await applyAll(transaction, changes)
              if (entries !== undefined) await insertEntries(transaction, entries)
              await applied?.(transaction)
              return made
            })
          return { applied: true, revision, ...(entries !== undefined && { audited: true }) }
        } catch (error) {
          if (!(error instanceof Conflict)) throw error
          return { applied: false, conflict: error.conflict }
        }
      }),
    forgetRevocations: (at) =>
      run(async (db) => {
        const rows = await db
          .selectFrom('registryRecords')
          .select(['key', 'record', 'revision'])
          .where('kind', '=', 'revocation')
          .execute()
        const ended = rows.filter(({ record }) => expiryOf(record) < at)
        // One that was made anew since has a later revision, and must stay.
        const newest = ended.reduce((latest, row) => Math.max(latest, Number(row.revision)), 0)
        await deleteMarks(
          db,
          ended.map(({ key }) => key),
          newest,
        )
      }),
    forgetMarks: (keys, until) => run((db) => deleteMarks(db, keys, until)),
    close,
  }
}

/** Deletes the revocation marks of these keys that did not change after a revision. */
async function deleteMarks(
  db: Kysely<ServerDatabase>,
  keys: readonly string[],
  until: number,
): Promise<void> {
  for (const chunk of chunks(keys)) {
    await db
      .deleteFrom('registryRecords')
      .where('kind', '=', 'revocation')
      .where('key', 'in', chunk)
      .where('revision', '<=', until)
      .execute()
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

/** Rows that are read at a time, about. Few: their texts are garbage once parsed, and should die young. */
const PAGE = 500

/** By their keys, so that a change which wrote very many does not come as one page. */
async function everyRecord(
  transaction: Transaction<ServerDatabase>,
  take?: (part: readonly RegistryRecord[]) => void,
): Promise<readonly RegistryRecord[]> {
  const records: RegistryRecord[] = []
  const rows = plainRows(transaction).select('key').orderBy('kind').orderBy('key').limit(PAGE)
  let page = await rows.execute()
  for (;;) {
    const part = page.map(parseRow)
    if (take === undefined) records.push(...part)
    else take(part)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return records
    const { kind, key } = last
    page = await rows
      .where((expression) =>
        expression(expression.refTuple('kind', 'key'), '>', expression.tuple(kind, key)),
      )
      .execute()
  }
}

async function recordsSince(
  transaction: Transaction<ServerDatabase>,
  since: number,
): Promise<readonly RegistryRecord[]> {
  const rows = plainRows(transaction)
  const records: RegistryRecord[] = []
  for (let last = since; ;) {
    const page = await rows.where('revision', '>', last).orderBy('revision').limit(PAGE).execute()
    const end = Number(page.at(-1)?.revision)
    if (page.length < PAGE) {
      for (const row of page) records.push(parseRow(row))
      return records
    }
    // The last revision may go on beyond the page: it is read as a whole, with the next one or alone.
    const isOneChange = Number(page[0]?.revision) === end
    const whole = isOneChange
      ? await rows.where('revision', '=', end).execute()
      : page.filter(({ revision }) => Number(revision) < end)
    for (const row of whole) records.push(parseRow(row))
    last = isOneChange ? end : end - 1
  }
}

/** Names of one word: nothing is to be renamed in hundreds of thousands of rows. */
function plainRows(transaction: Transaction<ServerDatabase>) {
  return transaction
    .withoutPlugins()
    .selectFrom('registry_records' as 'registryRecords')
    .select(['kind', 'record', 'revision'])
}

function parseRow({ kind, record }: { kind: string; record: string }): RegistryRecord {
  return { kind, record: JSON.parse(record) } as RegistryRecord
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
  await assertPreconditions(transaction, changes)
  // What stands twice is written once: no statement may touch a row two times.
  const rows = new Map<string, ServerDatabase['registryRecords']>()
  for (const change of changes) {
    const { kind, record } = change
    const key = recordKey(change)
    rows.set(`${kind} ${key}`, { kind, key, revision, record: JSON.stringify(record) })
  }
  for (const chunk of chunks(Array.from(rows.values()))) {
    await transaction
      .insertInto('registryRecords')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['kind', 'key']).doUpdateSet((column) => ({
          revision: column.ref('excluded.revision'),
          record: column.ref('excluded.record'),
        })),
      )
      .execute()
  }
  return revision
}

/** Throws: `Conflict` for the first change whose precondition does not hold. */
async function assertPreconditions(
  transaction: Transaction<ServerDatabase>,
  changes: readonly RegistryChange[],
): Promise<void> {
  const changedAt = await revisionsOf(transaction, changes)
  for (const change of changes) {
    const { kind, require } = change
    const key = recordKey(change)
    const isHeld =
      require === 'first'
        ? await isEmpty(transaction, kind)
        : isMet(require, changedAt.get(`${kind} ${key}`)) && (await isAlone(transaction, change))
    if (!isHeld) throw new Conflict({ kind, key, require })
  }
}

/** When the records that conditions are about last changed, by kind and key. */
async function revisionsOf(
  transaction: Transaction<ServerDatabase>,
  changes: readonly RegistryChange[],
): Promise<ReadonlyMap<string, number>> {
  const asked = changes.filter(({ require }) => require !== 'none' && require !== 'first')
  const revisions = new Map<string, number>()
  for (const [kind, ofKind] of Map.groupBy(asked, (change) => change.kind)) {
    for (const chunk of chunks(ofKind.map(recordKey))) {
      const rows = await transaction
        .selectFrom('registryRecords')
        .select(['key', 'revision'])
        .where('kind', '=', kind)
        .where('key', 'in', chunk)
        .execute()
      for (const { key, revision } of rows) revisions.set(`${kind} ${key}`, Number(revision))
    }
  }
  return revisions
}

/** Whether no record of the same kind and client has changed since, where that is required. */
async function isAlone(
  transaction: Transaction<ServerDatabase>,
  change: RegistryChange,
): Promise<boolean> {
  const since = aloneSince(change.require)
  if (since === undefined) return true
  const rows = await plainRows(transaction)
    .where('kind', '=', change.kind)
    .where('revision', '>', since)
    .execute()
  return !rows.some((row) => areKin(parseRow(row), change))
}

async function isEmpty(
  transaction: Transaction<ServerDatabase>,
  kind: RegistryChange['kind'],
): Promise<boolean> {
  const row = await transaction
    .selectFrom('registryRecords')
    .select('key')
    .where('kind', '=', kind)
    .limit(1)
    .executeTakeFirst()
  return row === undefined
}

/** Parts of a list, each small enough for one statement's parameters. */
function* chunks<T>(list: readonly T[]): Iterable<T[]> {
  for (let start = 0; start < list.length; start += CHUNK) yield list.slice(start, start + CHUNK)
}

function expiryOf(record: string): number {
  return Number((JSON.parse(record) as { readonly expiresAt?: unknown }).expiresAt)
}
