/** What the server could not do. Stable: switch on it. */
export type ServerErrorCode =
  /** No signing key of an algorithm can be used: its master key or its signer was not given. */
  | 'ERR_SIGNING_KEY'
  /** A `Signer` failed, was late, or gave what cannot be used. The `cause` is what it threw. */
  | 'ERR_SIGNER'
  /** The `claims` hook failed, was late, or gave claims that it may not set. Answered with 500. */
  | 'ERR_CLAIMS'
  /** The server was closed. */
  | 'ERR_CLOSED'
  /** The store failed, or is one that this version cannot read. */
  | 'ERR_STORE'
  /** The change was made, but the audit log, which lives elsewhere than the registry, cannot be written. */
  | 'ERR_AUDIT'
  /** The replay store was not proven to tell a first use from a second. */
  | 'ERR_REPLAY_STORE'
  /** Keys that somebody else publishes could not be fetched, so nobody can say whose a signature is. */
  | 'ERR_KEYS'
  /** More slow checks of secrets are asked for than are made at a time. */
  | 'ERR_OVERLOADED'

/** A fault of the server or its surroundings, never of a request. Holds no secret. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ServerErrorCode
  /** True where what was asked for was done all the same. Left out where it was not, or nobody can say. */
  declare readonly applied?: true

  constructor(
    code: ServerErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly applied?: true } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    if (options.applied !== undefined) this.applied = options.applied
  }
}
