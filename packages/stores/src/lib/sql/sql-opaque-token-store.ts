import type { JsonObject } from '@countersign/protocol'
import type { OpaqueTokenStore } from '@countersign/server'
import type { SqlAccess } from './sql-access.ts'

/** Opaque tokens in a SQL database. */
export function sqlOpaqueTokenStore({ run, close }: SqlAccess): OpaqueTokenStore {
  return {
    put: ({ digest, claims, expiresAt }) =>
      run(async (db) => {
        await db
          .insertInto('opaqueTokens')
          .values({ digest, claims: JSON.stringify(claims), expiresAt })
          .execute()
      }),
    get: (digest) =>
      run(async (db) => {
        const row = await db
          .selectFrom('opaqueTokens')
          .selectAll()
          .where('digest', '=', digest)
          .executeTakeFirst()
        if (row === undefined) return undefined
        const claims = JSON.parse(row.claims) as JsonObject
        return { digest, claims, expiresAt: Number(row.expiresAt) }
      }),
    forgetExpired: (at) =>
      run(async (db) => {
        await db.deleteFrom('opaqueTokens').where('expiresAt', '<', at).execute()
      }),
    close,
  }
}
