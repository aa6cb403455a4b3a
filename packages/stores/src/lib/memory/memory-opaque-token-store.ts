import { ServerError, type OpaqueTokenRecord, type OpaqueTokenStore } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** Opaque tokens in memory: at most `maxEntries`. Full, it rejects. */
export function memoryOpaqueTokenStore(
  { assertOpen, close }: OpenState,
  maxEntries: number,
): OpaqueTokenStore {
  const tokens = new Map<string, OpaqueTokenRecord>()
  return {
    async put(record) {
      assertOpen()
      if (tokens.size >= maxEntries && !tokens.has(record.digest)) {
        throw new ServerError('ERR_STORE', 'the opaque token store in memory is full')
      }
      tokens.set(record.digest, structuredClone(record))
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
