import type { ParsedTokenRequest } from '@countersign/protocol'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'

/** One grant type: decides what an authenticated client gets. It never sees the raw request. */
export interface Grant {
  /** The `grant_type` value. */
  readonly type: string
  /** Throws: `ProtocolError` where the client may not have what it asks for. */
  decide(
    client: RegisteredClient,
    request: ParsedTokenRequest,
    snapshot: RegistrySnapshot,
  ): GrantDecision
}

/** What a token will say. */
export interface GrantDecision {
  readonly resource: string
  readonly scope: readonly string[]
  readonly lifetimeSeconds: number
}
