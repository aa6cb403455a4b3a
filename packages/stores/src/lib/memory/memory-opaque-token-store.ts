import type { OpaqueTokenRecord, OpaqueTokenStore } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** Opaque tokens in memory. */
export function memoryOpaqueTokenStore({ assertOpen, close }: OpenState): OpaqueTokenStore {
  const tokens = new Map<string, OpaqueTokenRecord>()
  return {
    async put(record) {
      assertOpen()
      tokens.set(record.digest, record)
    },
    async get(digest) {
      assertOpen()
      return tokens.get(digest)
    },
    async forgetExpired(at) {
      assertOpen()
      for (const [digest, { expiresAt }] of tokens) if (expiresAt < at) tokens.delete(digest)
    },
    async close() {
      close()
      tokens.clear()
    },
  }
}
