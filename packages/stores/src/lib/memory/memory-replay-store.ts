import { ServerError, type ReplayStore } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** What was used once, in memory: at most `maxEntries` keys. Full, it rejects. */
export function memoryReplayStore(
  { assertOpen, close }: OpenState,
  maxEntries: number,
): ReplayStore {
  const reserved = new Map<string, number>()
  return {
    async reserve(key, expiresAt) {
      assertOpen()
      if (reserved.has(key)) return false
      if (reserved.size >= maxEntries) {
        throw new ServerError('ERR_STORE', 'the replay store in memory is full')
      }
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
