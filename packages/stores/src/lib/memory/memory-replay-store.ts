import type { ReplayStore } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** What was used once, in memory. */
export function memoryReplayStore({ assertOpen, close }: OpenState): ReplayStore {
  const reserved = new Map<string, number>()
  return {
    async reserve(key, expiresAt) {
      assertOpen()
      if (reserved.has(key)) return false
      reserved.set(key, expiresAt)
      return true
    },
    async forgetExpired(at) {
      assertOpen()
      for (const [key, expiresAt] of reserved) if (expiresAt < at) reserved.delete(key)
    },
    async close() {
      close()
      reserved.clear()
    },
  }
}
