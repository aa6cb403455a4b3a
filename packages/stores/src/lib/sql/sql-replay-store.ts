import type { ReplayStore } from '@countersign/server'
import { deleteBefore } from './delete-before.ts'
import type { SqlAccess } from './sql-access.ts'

/** What was used once, in a table of a SQL database: its primary key decides who was first. */
export function sqlReplayStore(
  access: SqlAccess,
  table: 'replays' | 'usedProofs' = 'replays',
): ReplayStore {
  const { run, close } = access
  return {
    reserve: (key, expiresAt) =>
      run(async (db) => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto(table)
          .values({ key, expiresAt })
          .onConflict((conflict) => conflict.column('key').doNothing())
          .executeTakeFirstOrThrow()
        return numInsertedOrUpdatedRows === 1n
      }),
    forgetExpired: (at) => deleteBefore(access, table, 'expiresAt', at),
    close,
  }
}
