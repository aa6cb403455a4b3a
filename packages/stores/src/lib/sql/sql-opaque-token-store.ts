import type { JsonObject } from '@countersign/protocol'
import type { OpaqueTokenStore } from '@countersign/server'
import { groupCommit } from './group-commit.ts'
import type { ServerDatabase } from './server-database.ts'
import { deleteBefore } from './delete-before.ts'
import type { SqlAccess } from './sql-access.ts'

/** Rows in one statement: three parameters each, far below what any database takes. */
const CHUNK = 500

/** Opaque tokens in a SQL database: many that are put at once share one commit. */
export function sqlOpaqueTokenStore(access: SqlAccess): OpaqueTokenStore {
  const { run, close } = access
  const put = groupCommit<ServerDatabase['opaqueTokens']>(
    (rows) =>
      run(async (db) => {
        await db.insertInto('opaqueTokens').values(rows).execute()
      }),
    { most: CHUNK },
  )
  return {
    async put({ digest, claims, expiresAt }) {
      await put({ digest, claims: JSON.stringify(claims), expiresAt })
    },
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
    forgetExpired: (at) => deleteBefore(access, 'opaqueTokens', 'expiresAt', at),
    close,
  }
}
