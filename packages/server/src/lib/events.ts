import type { JsonObject } from '@countersign/protocol'
import type { RefusalReason } from './refusal-reasons.ts'
import type { SigningAlgorithm } from './registry/records.ts'
import type { ForeignReason } from './tokens/genuine-token.ts'
import type { TokenEnd } from './tokens/token-end.ts'
import type { ScopeUse } from './stores/usage-store.ts'
import type { ServerError } from './server-error.ts'

/** Something the server did or could not do. Tell them apart by `type`. No secret is in any. */
export type ServerEvent =
  | TokenIssued
  | RequestRefused
  | TokenIntrospected
  | TokenRevoked
  | TokenMarksMerged
  | UsageReported
  | SigningKeyCreated
  | SigningKeyDestroyed
  | SigningKeyFailed
  | SigningKeyUnusable
  | SnapshotFailed
  | SnapshotRecovered
  | ReplayStoreUnproven
  | ReplayStoreProven
  | HousekeepingFailed
  | RequestFailed
  | StoreFailed

interface EventBase {
  /** Epoch milliseconds by the server's clock. */
  readonly at: number
}

/** A token was issued. */
export interface TokenIssued extends EventBase {
  readonly type: 'token.issued'
  readonly clientId: string
  /** The credential the client proved itself with: its last use. */
  readonly credentialId: string
  /** How the client authenticated, such as `client_secret_basic`. */
  readonly method: string
  readonly resource: string
  readonly scope: readonly string[]
  readonly jti: string
  /** The key that signed it; `undefined` for an opaque token. */
  readonly kid: string | undefined
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** A request of a client was refused: at the token, introspection, revocation or usage endpoint. */
export interface RequestRefused extends EventBase {
  readonly type: 'token.refused' | 'introspection.refused' | 'revocation.refused' | 'usage.refused'
  /** Look it up in `REFUSAL_REASONS` for its meaning and cure. */
  readonly reason: RefusalReason
  readonly error: string
  readonly status: number
  /** The client, where the request names one that exists; never text that a stranger chose. */
  readonly clientId: string | undefined
  /** The credential the client proved itself with; `undefined` where it was refused before that. */
  readonly credentialId: string | undefined
  /** The answer's `correlation_id`: what somebody who asks for help can tell. */
  readonly correlationId: string
  /** What else the operator should know, by `reason`; empty where there is nothing. */
  readonly detail: JsonObject
}

/** An API asked about a token. */
export interface TokenIntrospected extends EventBase {
  readonly type: 'token.introspected'
  /** The client that asked. */
  readonly clientId: string
  readonly credentialId: string
  /** `active`, or why the answer was `{ "active": false }`, which is all that the caller learns. */
  readonly result: IntrospectionResult
}

/** What came of an introspection. */
export type IntrospectionResult = 'active' | 'not_for_caller' | ForeignReason | TokenEnd

/** A client ended a token of its own. */
export interface TokenRevoked extends EventBase {
  readonly type: 'token.revoked'
  readonly clientId: string
  readonly credentialId: string
  readonly jti: string
}

/**
 * A client has ended so many of its tokens that the older marks became one on the client: every token it
 * got until `notAfter` is ended, also those it did not mean. Something revokes in a loop.
 */
export interface TokenMarksMerged extends EventBase {
  readonly type: 'token_marks.merged'
  readonly clientId: string
  /** Epoch milliseconds. */
  readonly notAfter: number
  /** How many marks this one stands for. */
  readonly marks: number
}

/** An API told which scopes were used at it. */
export interface UsageReported extends EventBase {
  readonly type: 'usage.reported'
  /** The client that told: the API itself. */
  readonly clientId: string
  readonly credentialId: string
  readonly resource: string
  readonly uses: readonly ScopeUse[]
  /** Entries left out: there is no such client, or no such scope at the resource. */
  readonly unknown: number
}

/** This server made a signing key: the first of its algorithm, or a successor by the schedule. */
export interface SigningKeyCreated extends EventBase {
  readonly type: 'signing_key.created'
  readonly kid: string
  readonly alg: SigningAlgorithm
  /** Published at once, signs from then on. Epoch milliseconds. */
  readonly signsFrom: number
}

/** This server destroyed the private half of a key whose time is over. */
export interface SigningKeyDestroyed extends EventBase {
  readonly type: 'signing_key.destroyed'
  readonly kid: string
  readonly alg: SigningAlgorithm
}

/** A signing key could not be made or destroyed. It is tried again half a minute later. */
export interface SigningKeyFailed extends EventBase {
  readonly type: 'signing_key.failed'
  readonly alg: SigningAlgorithm
  /** The key that could not be destroyed; `undefined` where one could not be made. */
  readonly kid: string | undefined
  readonly error: unknown
}

/** A signing key cannot be used: its master key, its signer or its algorithm is not there. */
export interface SigningKeyUnusable extends EventBase {
  readonly type: 'signing_key.unusable'
  readonly kid: string
  /** 0 for a key that is in a signer. */
  readonly masterKeyVersion: number
}

/** The store could not be read. The server goes on with what it last read. */
export interface SnapshotFailed extends EventBase {
  readonly type: 'snapshot.failed'
  readonly error: unknown
  /** When the store was last read; `undefined` where it never was. */
  readonly lastReadAt: number | undefined
}

/** The store could be read again. */
export interface SnapshotRecovered extends EventBase {
  readonly type: 'snapshot.recovered'
}

/**
 * The replay store did not prove that it tells a first use from a second: what needs that, client
 * assertions and DPoP, is answered 503. The server goes on trying.
 */
export interface ReplayStoreUnproven extends EventBase {
  readonly type: 'replay_store.unproven'
  /** Its message says how the store failed. */
  readonly error: ServerError
}

/** The replay store that had failed its trial has passed it. */
export interface ReplayStoreProven extends EventBase {
  readonly type: 'replay_store.proven'
}

/** What has ended could not be forgotten. It does not count any more; it takes room. */
export interface HousekeepingFailed extends EventBase {
  readonly type: 'housekeeping.failed'
  /** Which part of the store. */
  readonly part: 'registry' | 'replay' | 'opaqueTokens' | 'audit'
  readonly error: unknown
}

/** A request was answered with 500 or 503: a fault of the server, not of the request. */
export interface RequestFailed extends EventBase {
  readonly type: 'request.failed'
  readonly error: unknown
  /** The answer's `correlation_id`. */
  readonly correlationId: string
}

/** What is written behind the answers could not be stored. It is kept and tried again. */
export interface StoreFailed extends EventBase {
  readonly type: 'store.failed'
  readonly part: 'audit' | 'usage'
  readonly error: unknown
  /** What is waiting to be written. */
  readonly kept: number
  /** What was lost since the last success, because too much was waiting. */
  readonly dropped: number
}

/** Takes an event. */
export type EventListener = (event: ServerEvent) => void

/**
 * Calls `listener` so that nothing it does reaches the caller: a throw or a rejected promise ends here.
 */
export function safeListener(listener: EventListener): EventListener {
  return (event) => {
    try {
      const result: unknown = listener(event)
      if (result instanceof Promise) result.catch(() => {})
    } catch {
      // A request must not fail because its report did.
    }
  }
}
