import { ArgumentError } from '@countersign/protocol'
import type { RegistryStore } from '../registry/registry-store.ts'
import type { AuditLog } from './audit-log.ts'
import type { OpaqueTokenStore } from './opaque-token-store.ts'
import type { ReplayStore } from './replay-store.ts'
import type { UsageStore } from './usage-store.ts'

/**
 * Everything a server keeps, each part by a contract of its own.
 *
 * The parts may live in different places: `{ ...postgresStore({ pool }), replay: redisReplayStore(…) }`.
 */
export interface ServerStore {
  /** Clients, credentials, resources, grants, keys: read once, then followed. */
  readonly registry: RegistryStore
  /** What was used once and must not be again: assertions and DPoP proofs. */
  readonly replay: ReplayStore
  /** Opaque tokens, by their digests. */
  readonly opaqueTokens: OpaqueTokenStore
  /** What happened, for operators. */
  readonly audit: AuditLog
  /** How often and when each credential was last used. */
  readonly usage: UsageStore
  /** Releases what all the parts hold. Repeats are harmless; other calls reject afterwards. */
  close(): Promise<void>
}

const PARTS = ['registry', 'replay', 'opaqueTokens', 'audit', 'usage'] as const

/** Refuses what cannot be a store. Throws: `ArgumentError` naming `store`. */
export function assertServerStore(caller: string, value: unknown): asserts value is ServerStore {
  const store = (value ?? {}) as Partial<ServerStore>
  const missing = PARTS.find((part) => typeof store[part] !== 'object' || store[part] === null)
  if (missing === undefined) return
  throw new ArgumentError(
    value === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
    'store',
    `${caller}: 'store' must be a ServerStore, such as memoryStore(): it has no '${missing}'`,
  )
}
