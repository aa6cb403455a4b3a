import type { ReplayStore } from '@countersign/server'
import type { SqlAccess } from './sql-access.ts'

/** What was used once, in a SQL database: its primary key decides who was first. */
export function sqlReplayStore({ run, close }: SqlAccess): ReplayStore {
  return {
    reserve: (key, expiresAt) =>
      run(async (db) => {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('replays')
          .values({ key, expiresAt })
          .onConflict((conflict) => conflict.column('key').doNothing())
          .executeTakeFirstOrThrow()
        return numInsertedOrUpdatedRows === 1n
      }),
    forgetExpired: (at) =>
      run(async (db) => {
        await db.deleteFrom('replays').where('expiresAt', '<', at).execute()
      }),
    close,
  }
}
