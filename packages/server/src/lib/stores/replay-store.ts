/**
 * Remembers what was used once: the identifiers of assertions and DPoP proofs.
 *
 * Exact across every server that shares it, which is the whole point: of any number of calls with one
 * key, on any number of nodes, one gets `true`. An implementation is held to the suite
 * `replayStoreContract` of `@countersign/testkit/contracts`; the server tests it at its start.
 */
export interface ReplayStore {
  /**
   * Whether this is the first call with `key`; it is remembered until `expiresAt`, epoch milliseconds.
   *
   * `key` is at most 64 letters of base64url. Rejects where that cannot be said for certain: the
   * request is then refused with 503, for neither answer would be true.
   */
  reserve(key: string, expiresAt: number): Promise<boolean>
  /** Forgets what was remembered until before `at`. */
  forgetExpired(at: number): Promise<void>
  /** Releases what the store holds. Repeats are harmless. */
  close(): Promise<void>
}
