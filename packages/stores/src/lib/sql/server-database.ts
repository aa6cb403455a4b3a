/**
 * The tables of a server, the same on every database. Columns are these names in snake_case.
 *
 * Records, claims and details are JSON texts; instants are epoch milliseconds. A driver may give a
 * `bigint` column as text, so what is read goes through `Number`.
 */
export interface ServerDatabase {
  /** One row: the revision of the last change. */
  registry: { id: 1; revision: number }
  /** Every record of the registry, with the revision it last changed at. */
  registryRecords: { kind: string; key: string; revision: number; record: string }
  replays: { key: string; expiresAt: number }
  opaqueTokens: { digest: string; claims: string; expiresAt: number }
  auditEntries: {
    at: number
    type: string
    correlationId: string | null
    clientId: string | null
    detail: string
  }
  /** Of a replay store that stands by itself; a server has none. */
  usedProofs: { key: string; expiresAt: number }
  credentialUses: { credentialId: string; clientId: string; tokens: number; lastUsedAt: number }
  scopeUses: {
    clientId: string
    resource: string
    scope: string
    calls: number
    firstUsedAt: number
    lastUsedAt: number
  }
}
