/** How a credential was used since it was last told. */
export interface CredentialUse {
  readonly credentialId: string
  readonly clientId: string
  /** Tokens issued by it since. */
  readonly tokens: number
  /** Epoch milliseconds. */
  readonly lastUsedAt: number
}

/**
 * How often and when each credential was used: what makes "safe to retire" a fact.
 *
 * Nodes add to it in batches. An implementation is held to the suite `usageStoreContract` of
 * `@countersign/testkit/contracts`.
 */
export interface UsageStore {
  /** Adds the counts and keeps the latest instants: all or none. Lasting once it resolves. */
  add(uses: readonly CredentialUse[]): Promise<void>
  /** The sum of what was added; one client's where `clientId` is given. */
  read(query?: { readonly clientId?: string }): Promise<readonly CredentialUse[]>
  /** Releases what the store holds. Repeats are harmless. */
  close(): Promise<void>
}
