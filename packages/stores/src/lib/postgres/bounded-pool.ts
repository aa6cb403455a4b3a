import type {
  PostgresPool as KyselyPool,
  PostgresCursor,
  PostgresPoolClient,
  PostgresQueryResult,
} from 'kysely'
import { TimeUp, within } from '../within.ts'
import type { PostgresConnection, PostgresPool, PostgresResult } from './postgres-pool.ts'

const guarded = new WeakSet<PostgresPool>()

/**
 * A pool whose connections are on loan for `deadline` milliseconds at most, waiting for one included;
 * waiting takes `connectDeadline` at most.
 *
 * One that did not answer in time is cut off, at both ends: left in the pool it would hold up whoever
 * is next, and left in the database its statement would wait on. Ending this pool leaves the caller's
 * open.
 */
export function boundedPool(
  pool: PostgresPool,
  deadline: number,
  connectDeadline: number = deadline,
): KyselyPool {
  if (!guarded.has(pool)) {
    guarded.add(pool)
    // An idle connection that breaks is replaced by the pool. Unheard, its error would end the process.
    pool.on('error', () => {})
  }
  return {
    options: pool.options,
    async connect() {
      const endsAt = performance.now() + deadline
      const connection = await within(pool.connect(), connectDeadline, (late) => late.release())
      return boundedConnection(connection, endsAt, (processID) => terminate(pool, processID))
    },
    async end() {},
  }
}

const TERMINATION_DEADLINE = 1000

/** Ends what a connection left behind in the database, if that is to be had. */
async function terminate(pool: PostgresPool, processID: number): Promise<void> {
  const connection = await within(pool.connect(), TERMINATION_DEADLINE, (late) => late.release())
  let isDone = false
  try {
    const asked = connection.query('select pg_terminate_backend($1)', [processID])
    await within(asked, TERMINATION_DEADLINE)
    isDone = true
  } finally {
    connection.release(!isDone)
  }
}

function boundedConnection(
  connection: PostgresConnection,
  endsAt: number,
  terminateBackend: (processID: number) => Promise<void>,
): PostgresPoolClient {
  let isLate = false
  let isBroken = false
  // On loan it has no other listener, and one that breaks then says so twice: here and to its query.
  const onError = (): void => {
    isBroken = true
  }
  connection.on('error', onError)

  async function ask(text: string, values: readonly unknown[]): Promise<PostgresResult> {
    if (isBroken) throw new Error('the connection broke')
    const left = Math.max(1, endsAt - performance.now())
    try {
      return await within(connection.query(text, [...values]), left)
    } catch (error) {
      if (error instanceof TimeUp) isLate = isBroken = true
      throw error
    }
  }

  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  function query(text: unknown, values: readonly unknown[] = []): unknown {
    if (typeof text !== 'string') throw new TypeError('no cursor is used here')
    return ask(text, values)
  }

  return {
    query,
    release(destroy = false) {
      connection.release(destroy || isBroken)
      connection.off('error', onError)
      if (isLate && typeof connection.processID === 'number') {
        terminateBackend(connection.processID).catch(() => {})
      }
    },
  }
}
