/**
 * Where processes share tokens. Every operation is atomic, and what it keeps is opaque to it: values
 * are sealed before they come here.
 *
 * Keys are 1 to 128 characters of `A-Z a-z 0-9 - _`. An operation rejects where the store cannot do
 * it; a store that is down costs its users a request to the token endpoint and nothing more.
 * `tokenStoreContract` of the testkit is the suite that every implementation must pass.
 */
export interface TokenStore {
  /** The value kept under `key`, `undefined` where there is none or its time is over. */
  get(key: string): Promise<string | undefined>
  /**
   * Keeps an entry, unless the one that is there ends at the same time or later and is not the one
   * to be replaced. Gives whether it was kept.
   */
  replaceIfNewer(key: string, entry: TokenStoreEntry): Promise<boolean>
  /**
   * Gives the right to renew `key` to one owner at a time; `undefined` while another has it.
   *
   * It ends by itself after `ttl` milliseconds. It is best effort: nothing stops an owner that was
   * held up for longer, so what it guards must stay right without it.
   */
  lease(key: string, owner: string, ttl: number): Promise<TokenLease | undefined>
}

/** What {@link TokenStore.replaceIfNewer} is to keep. */
export interface TokenStoreEntry {
  readonly value: string
  /** When what is in `value` ends, epoch milliseconds: the measure of newer. A whole number. */
  readonly expiresAt: number
  /** Milliseconds to keep it. A whole number from 1. */
  readonly ttl: number
  /** A value that is known to be of no use, as `get` gave it: replaced whenever it ends. */
  readonly replacing?: string | undefined
}

/** A lease that was given. */
export interface TokenLease {
  /** Gives it back. Does nothing to the lease of another owner who has it by now. */
  release(): Promise<void>
}
