import type { JsonObject, ParsedTokenRequest } from '@countersign/protocol'
import type { ResourceRecord } from '../registry/records.ts'
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
  readonly resource: ResourceRecord
  readonly scope: readonly string[]
  readonly lifetimeSeconds: number
  /** Empty where none was asked for. Source: RFC 9396. */
  readonly authorizationDetails: readonly JsonObject[]
}
