import { assertKnownOptions, optionalNumber } from '@countersign/protocol'
import type { ServerStore } from '@countersign/server'
import { memoryAuditLog } from './memory-audit-log.ts'
import { memoryOpaqueTokenStore } from './memory-opaque-token-store.ts'
import { memoryRegistryStore } from './memory-registry-store.ts'
import { memoryReplayStore } from './memory-replay-store.ts'
import { memoryUsageStore } from './memory-usage-store.ts'
import { openState } from './open-state.ts'

/** How much a store in memory may hold. */
export interface MemoryStoreOptions {
  /** Replays it remembers, and opaque tokens it keeps, at most: of each so many. Default 1,000,000. */
  readonly maxEntries?: number
}

/**
 * Everything a server keeps, as long as the process lives and seen by nobody else: for tests and
 * trials. Closing any part closes them all.
 *
 * A full one rejects further replays and tokens with `ERR_STORE` until some have expired and are
 * forgotten: forgetting one that still counts would let it be used again. Throws: `ArgumentError`.
 */
export function memoryStore(options: MemoryStoreOptions = {}): ServerStore {
  assertKnownOptions('memoryStore', options, ['maxEntries'])
  const given: MemoryStoreOptions = options
  const maxEntries = optionalNumber('memoryStore', 'maxEntries', given.maxEntries, {
    fallback: 1_000_000,
    min: 1,
    max: 16_000_000,
  })
  const state = openState()
  const audit = memoryAuditLog(state)
  return {
    registry: memoryRegistryStore(state, audit),
    replay: memoryReplayStore(state, maxEntries),
    opaqueTokens: memoryOpaqueTokenStore(state, maxEntries),
    audit: audit.log,
    usage: memoryUsageStore(state),
    close: async () => state.close(),
  }
}
