import type { JsonObject } from '@countersign/protocol'

/** An opaque access token as it is kept: what it says, and a digest that it is found by. */
export interface OpaqueTokenRecord {
  /** Base64url of the SHA-256 of the token. The token itself is nowhere. */
  readonly digest: string
  /** The claims a JWT for the same decision would have. */
  readonly claims: JsonObject
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * Where opaque tokens are kept: by digest, until they expire.
 *
 * An implementation is held to the suite `opaqueTokenStoreContract` of `@countersign/testkit/contracts`.
 */
export interface OpaqueTokenStore {
  /**
   * Keeps a token. Lasting, and seen by every node, once it resolves: the token is handed out then. It
   * may be at once, with no promise. Throws or rejects where the token cannot be kept.
   */
  put(record: OpaqueTokenRecord): Promise<void> | undefined
  /** The token of that digest; `undefined` where there is none. An expired one may still be given. */
  get(digest: string): Promise<OpaqueTokenRecord | undefined>
  /** Forgets the tokens that expired before `at`. */
  forgetExpired(at: number): Promise<void>
  /** Releases what the store holds. Repeats are harmless. */
  close(): Promise<void>
}
