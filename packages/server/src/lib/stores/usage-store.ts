/** How a credential was used since it was last told. */
export interface CredentialUse {
  readonly credentialId: string
  readonly clientId: string
  /** Tokens issued by it since. */
  readonly tokens: number
  /** Epoch milliseconds. */
  readonly lastUsedAt: number
}

/** How a scope was used by a client at an API, since it was last told. */
export interface ScopeUse {
  readonly clientId: string
  /** The API. */
  readonly resource: string
  readonly scope: string
  /** Requests that it let in since. */
  readonly calls: number
  /** The first one that is known of. Epoch milliseconds. */
  readonly firstUsedAt: number
  /** Epoch milliseconds. */
  readonly lastUsedAt: number
}

/**
 * How often and when each credential was used, which makes "safe to retire" a fact, and each scope, which
 * does the same for "not needed".
 *
 * Nodes add to it in batches. An implementation is held to the suite `usageStoreContract` of
 * `@countersign/testkit/contracts`.
 */
export interface UsageStore {
  /** Adds the counts and keeps the latest instants: all or none. Lasting once it resolves. */
  add(uses: readonly CredentialUse[]): Promise<void>
  /** The sum of what was added; one client's where `clientId` is given. */
  read(query?: { readonly clientId?: string }): Promise<readonly CredentialUse[]>
  /** Adds the counts and keeps the first and latest instants: all or none. Lasting once it resolves. */
  addScopes(uses: readonly ScopeUse[]): Promise<void>
  /** The sum of what was added; of one resource where `resource` is given. */
  readScopes(query?: { readonly resource?: string }): Promise<readonly ScopeUse[]>
  /** Releases what the store holds. Repeats are harmless. */
  close(): Promise<void>
}
