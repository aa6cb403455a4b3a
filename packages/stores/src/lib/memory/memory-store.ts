import type { ServerStore } from '@countersign/server'
import { memoryAuditLog } from './memory-audit-log.ts'
import { memoryOpaqueTokenStore } from './memory-opaque-token-store.ts'
import { memoryRegistryStore } from './memory-registry-store.ts'
import { memoryReplayStore } from './memory-replay-store.ts'
import { memoryUsageStore } from './memory-usage-store.ts'
import { openState } from './open-state.ts'

/**
 * Everything a server keeps, as long as the process lives and seen by nobody else: for tests and
 * trials. Closing any part closes them all.
 */
export function memoryStore(): ServerStore {
  const state = openState()
  return {
    registry: memoryRegistryStore(state),
    replay: memoryReplayStore(state),
    opaqueTokens: memoryOpaqueTokenStore(state),
    audit: memoryAuditLog(state),
    usage: memoryUsageStore(state),
    close: async () => state.close(),
  }
}
