/** What the server could not do. Stable: switch on it. */
export type ServerErrorCode =
  /** No signing key could be opened with the master keys given. */
  | 'ERR_SIGNING_KEY'
  /** The server was closed. */
  | 'ERR_CLOSED'
  /** The store failed, or is one that this version cannot read. */
  | 'ERR_STORE'

/** A fault of the server or its surroundings, never of a request. Holds no secret. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ServerErrorCode

  constructor(code: ServerErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
