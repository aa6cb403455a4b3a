import type { JsonObject } from '@countersign/protocol'
import type { Transaction } from 'kysely'
import type { AuditEntry, AuditLog } from '@countersign/server'
import { deleteBefore } from './delete-before.ts'
import type { ServerDatabase } from './server-database.ts'
import type { SqlAccess } from './sql-access.ts'

/** What happened, in a SQL database. */
export function sqlAuditLog(access: SqlAccess): AuditLog {
  const { run, close } = access
  return {
    append: (entries) =>
      run(async (db) => {
        if (entries.length === 0) return
        await db.transaction().execute((transaction) => insertEntries(transaction, entries))
      }),
    find: ({ correlationId, clientId, type, limit }) =>
      run(async (db) => {
        let query = db.selectFrom('auditEntries').selectAll().orderBy('at', 'desc').limit(limit)
        if (correlationId !== undefined) query = query.where('correlationId', '=', correlationId)
        if (clientId !== undefined) query = query.where('clientId', '=', clientId)
        if (type !== undefined) query = query.where('type', '=', type)
        const rows = await query.execute()
        return rows.map((row) => ({
          ...row,
          at: Number(row.at),
          detail: JSON.parse(row.detail) as JsonObject,
        }))
      }),
    forgetBefore: (at) => deleteBefore(access, 'auditEntries', 'at', at),
    close,
  }
}

/** Writes entries in a transaction of somebody else's. */
export async function insertEntries(
  transaction: Transaction<ServerDatabase>,
  entries: readonly AuditEntry[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += CHUNK) {
    const rows = entries
      .slice(start, start + CHUNK)
      .map((entry) => ({ ...entry, detail: JSON.stringify(entry.detail) }))
    await transaction.insertInto('auditEntries').values(rows).execute()
  }
}

/** Rows in one statement: five parameters each, far below what any database takes. */
const CHUNK = 500
