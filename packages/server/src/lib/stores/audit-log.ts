import type { JsonObject } from '@countersign/protocol'

/** One thing that happened. Nothing secret is in it. */
export interface AuditEntry {
  /** Epoch milliseconds by the clock of the node it happened on. */
  readonly at: number
  /** As the server's events name it, such as `token.refused`, or `client.disabled` of a change. */
  readonly type: string
  /** The answer's `correlation_id`; null for what has no answer. */
  readonly correlationId: string | null
  /** The registered client it concerns; null where there is none. */
  readonly clientId: string | null
  /** What else there is to say, by `type`. */
  readonly detail: JsonObject
}

/**
 * What happened, for operators: refusals with their exact reasons, and changes of the registry.
 *
 * Written in batches, behind the answers. An implementation is held to the suite `auditLogContract` of
 * `@countersign/testkit/contracts`.
 */
export interface AuditLog {
  /** Adds all the entries, or none. Lasting once it resolves. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** The newest entries that fit, newest first, at most `limit`. */
  find(query: {
    readonly correlationId?: string
    readonly clientId?: string
    readonly type?: string
    readonly limit: number
  }): Promise<readonly AuditEntry[]>
  /** Forgets entries older than `at`. */
  forgetBefore(at: number): Promise<void>
  /** Releases what the log holds. Repeats are harmless. */
  close(): Promise<void>
}
