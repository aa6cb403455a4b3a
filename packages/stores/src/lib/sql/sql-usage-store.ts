import { sql } from 'kysely'
import type { ScopeUse, UsageStore } from '@countersign/server'
import type { SqlAccess } from './sql-access.ts'

/** How credentials and scopes were used, in a SQL database. */
export function sqlUsageStore({ run, close }: SqlAccess): UsageStore {
  return {
    add: (uses) =>
      run(async (db) => {
        if (uses.length === 0) return
        // In one order on every node: two that write the same rows do not wait for each other in a ring.
        const ordered = uses.toSorted((left, right) =>
          left.credentialId < right.credentialId ? -1 : 1,
        )
        await db.transaction().execute(async (transaction) => {
          for (const use of ordered) {
            const { tokens, lastUsedAt } = use
            await transaction
              .insertInto('credentialUses')
              .values(use)
              .onConflict((conflict) =>
                conflict.column('credentialId').doUpdateSet({
                  tokens: sql`credential_uses.tokens + ${tokens}`,
                  lastUsedAt: sql`case when credential_uses.last_used_at > ${lastUsedAt}
                    then credential_uses.last_used_at else ${lastUsedAt} end`,
                }),
              )
              .execute()
          }
        })
      }),
    read: ({ clientId } = {}) =>
      run(async (db) => {
        let query = db.selectFrom('credentialUses').selectAll().orderBy('credentialId')
        if (clientId !== undefined) query = query.where('clientId', '=', clientId)
        const rows = await query.execute()
        return rows.map((row) => ({
          ...row,
          tokens: Number(row.tokens),
          lastUsedAt: Number(row.lastUsedAt),
        }))
      }),
    addScopes: (uses) =>
      run(async (db) => {
        if (uses.length === 0) return
        const ordered = uses.toSorted((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1))
        await db.transaction().execute(async (transaction) => {
          for (const use of ordered) {
            const { calls, firstUsedAt, lastUsedAt } = use
            await transaction
              .insertInto('scopeUses')
              .values(use)
              .onConflict((conflict) =>
                conflict.columns(['resource', 'clientId', 'scope']).doUpdateSet({
                  calls: sql`scope_uses.calls + ${calls}`,
                  firstUsedAt: sql`case when scope_uses.first_used_at < ${firstUsedAt}
                    then scope_uses.first_used_at else ${firstUsedAt} end`,
                  lastUsedAt: sql`case when scope_uses.last_used_at > ${lastUsedAt}
                    then scope_uses.last_used_at else ${lastUsedAt} end`,
                }),
              )
              .execute()
          }
        })
      }),
    readScopes: ({ resource } = {}) =>
      run(async (db) => {
        let query = db
          .selectFrom('scopeUses')
          .selectAll()
          .orderBy('resource')
          .orderBy('clientId')
          .orderBy('scope')
        if (resource !== undefined) query = query.where('resource', '=', resource)
        const rows = await query.execute()
        return rows.map((row) => ({
          ...row,
          calls: Number(row.calls),
          firstUsedAt: Number(row.firstUsedAt),
          lastUsedAt: Number(row.lastUsedAt),
        }))
      }),
    close,
  }
}

/** In one order on every node, as above. */
function sortKey({ resource, clientId, scope }: ScopeUse): string {
  return `${resource} ${clientId} ${scope}`
}
