/** The little of a `pg` Pool that is used. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>
  on(event: 'error', listener: (error: Error) => void): unknown
  /** What the pool makes its connections of. */
  readonly options: object
}

/** One connection of a `pg` Pool, on loan. */
export interface PostgresConnection {
  query(text: string, values?: unknown[]): Promise<PostgresResult>
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
  release(destroy?: boolean): void
  /** Which process of the database it talks to. */
  readonly processID?: number | null
}

/** What a statement gave. */
export interface PostgresResult {
  readonly command: string
  readonly rowCount: number | null
  readonly rows: unknown[]
}
