/**
 * Where the instances of an API share what their issuer said about tokens. Values are sealed before they
 * come here, and names tell nothing.
 *
 * The token stores of `@countersign/stores` are such stores: `redisTokenStore`, with a `prefix` of its own,
 * for several machines, `fileTokenStore` for one. Keys are 43 characters of `A-Z a-z 0-9 - _`. An operation
 * rejects where the store cannot do it, which costs a question to the issuer and nothing more.
 */
export interface AnswerStore {
  /** The value kept under `key`, `undefined` where there is none or its time is over. */
  get(key: string): Promise<string | undefined>
  /**
   * Keeps an entry, unless the one that is there has the same `expiresAt` or a later one and is not the one
   * to be replaced. Atomic. Gives whether it was kept.
   */
  replaceIfNewer(key: string, entry: AnswerStoreEntry): Promise<boolean>
}

/** What {@link AnswerStore.replaceIfNewer} is to keep. */
export interface AnswerStoreEntry {
  readonly value: string
  /** The measure of newer: the later the issuer was asked, the greater. Epoch milliseconds, a whole number. */
  readonly expiresAt: number
  /** Milliseconds to keep it. A whole number from 1. */
  readonly ttl: number
  /** A value that is known to be of no use, as `get` gave it: replaced whatever its measure. */
  readonly replacing?: string | undefined
}
