/** What a token is made of; see {@link AccessToken} for the members. */
export interface AccessTokenInit {
  readonly value: string
  readonly type?: 'Bearer' | 'DPoP'
  readonly obtainedAt: number
  readonly expiresAt?: number | undefined
  readonly refreshAt?: number | undefined
  readonly scope?: readonly string[]
}

/**
 * An access token, ready to be attached to a call.
 *
 * `value` is the secret. It is not an own property, so logging, inspecting or serialising the
 * object shows when the token ends and what it is for, but never the token.
 */
export class AccessToken {
  /** How the token is presented: the scheme of the `Authorization` header. */
  readonly type: 'Bearer' | 'DPoP'
  /** When the request for it was sent, epoch milliseconds: its life is counted from here. */
  readonly obtainedAt: number
  /** When it ends, epoch milliseconds. `undefined` for a token that does not end by itself. */
  readonly expiresAt: number | undefined
  /** When the server would like it renewed, epoch milliseconds, where it said so. */
  readonly refreshAt: number | undefined
  /** The scopes it was granted, as far as they are known. */
  readonly scope: readonly string[]
  readonly #value: string

  constructor(init: AccessTokenInit) {
    this.#value = init.value
    this.type = init.type ?? 'Bearer'
    this.obtainedAt = init.obtainedAt
    this.expiresAt = init.expiresAt
    this.refreshAt = init.refreshAt
    this.scope = init.scope ?? []
  }

  /** The token itself: goes into a header, never into a log. */
  get value(): string {
    return this.#value
  }
}
