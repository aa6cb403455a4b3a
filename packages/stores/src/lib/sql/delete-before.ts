import { sql } from 'kysely'
import type { SqlAccess } from './sql-access.ts'

/** Rows that go at a time, about: others get their turn in between. */
const PART = 5000

/** Deletes the rows of a table whose `column`, an indexed instant, is before `at`; not all at once. */
export async function deleteBefore(
  { run }: SqlAccess,
  table: 'replays' | 'usedProofs' | 'opaqueTokens' | 'auditEntries',
  column: 'expiresAt' | 'at',
  at: number,
): Promise<void> {
  const [from, instant] = [sql.table(table), sql.ref(column)]
  let isMore = true
  while (isMore) {
    isMore = await run(async (db) => {
      const { rows } = await sql<{ end: number | string }>`
        select ${instant} as "end" from ${from} where ${instant} < ${at}
        order by ${instant} limit 1 offset ${PART}`.execute(db)
      const end = rows[0]?.end
      // More than a part where many have the instant that it ends with.
      const last = end === undefined ? at - 1 : Number(end)
      await sql`delete from ${from} where ${instant} <= ${last}`.execute(db)
      return end !== undefined
    })
  }
}
