import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type {
  CompiledQuery,
  DatabaseConnection,
  Driver,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import { whenFree } from './when-free.ts'

/** Opens the database, pragmas set. */
export type OpenSqlite = () => Promise<DatabaseSync>

/**
 * One connection to a SQLite database, lent to one user at a time.
 *
 * Transactions that may write take the write lock when they begin (`BEGIN IMMEDIATE`): one that only
 * found out later that somebody else writes could not wait, it would have to start again.
 */
export class NodeSqliteDriver implements Driver {
  readonly #open: OpenSqlite
  #database: DatabaseSync | undefined
  #connection: DatabaseConnection | undefined
  #inTransaction = false
  #lent: Promise<void> = Promise.resolve()
  #giveBack: () => void = () => {}

  constructor(open: OpenSqlite) {
    this.#open = open
  }

  async init(): Promise<void> {
    this.#database = await this.#open()
    this.#connection = connectionTo(this.#database, () => this.#inTransaction)
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#lent
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lent = promise
    await before
    this.#giveBack = resolve
    if (this.#connection === undefined) throw new Error('the database is not open')
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    this.#giveBack()
  }

  async beginTransaction(_: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const begin = settings.accessMode === 'read only' ? 'begin' : 'begin immediate'
    await whenFree(() => this.#database?.exec(begin))
    this.#inTransaction = true
  }

  async commitTransaction(): Promise<void> {
    this.#database?.exec('commit')
    this.#inTransaction = false
  }

  async rollbackTransaction(): Promise<void> {
    if (!this.#inTransaction) return
    this.#inTransaction = false
    try {
      this.#database?.exec('rollback')
    } catch {
      // SQLite has rolled back by itself, as it does on some errors; the first error is the one to tell.
    }
  }

  async destroy(): Promise<void> {
    await this.#lent
    this.#database?.close()
  }
}

function connectionTo(database: DatabaseSync, inTransaction: () => boolean): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      // Inside a transaction the file is ours, and waiting would change nothing.
      if (inTransaction()) return execute<R>(database, query)
      return whenFree(() => execute<R>(database, query))
    },
    async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
      const statement = database.prepare(query.sql)
      const parameters = query.parameters as readonly SQLInputValue[]
      for (const row of statement.iterate(...parameters)) yield { rows: [row as R] }
    },
  }
}

function execute<R>(database: DatabaseSync, query: CompiledQuery): QueryResult<R> {
  const statement = database.prepare(query.sql)
  const parameters = query.parameters as readonly SQLInputValue[]
  if (!writesWithoutRows(query)) return { rows: statement.all(...parameters) as R[] }
  const { changes, lastInsertRowid } = statement.run(...parameters)
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
}

/** Whether a query is a write that gives no rows back, so that its counts are its result. */
function writesWithoutRows({ query }: CompiledQuery): boolean {
  switch (query.kind) {
    case 'InsertQueryNode':
    case 'UpdateQueryNode':
    case 'DeleteQueryNode':
      return query.returning === undefined
    default:
      return false
  }
}
