import { ServerError, type OpaqueTokenRecord, type OpaqueTokenStore } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** Opaque tokens in memory: at most `maxEntries`. Full, it rejects. */
export function memoryOpaqueTokenStore(
  { assertOpen, close }: OpenState,
  maxEntries: number,
): OpaqueTokenStore {
  // Claims as text: a copy that nobody can change, for a fifth of what a clone costs.
  const tokens = new Map<string, Kept>()
  return {
    put(record) {
      assertOpen()
      if (tokens.size >= maxEntries && !tokens.has(record.digest)) {
        throw new ServerError('ERR_STORE', 'the opaque token store in memory is full')
      }
      const { digest, claims, expiresAt } = record
      tokens.set(digest, { claims: JSON.stringify(claims), expiresAt })
      return undefined
    },
    async get(digest) {
      assertOpen()
      const kept = tokens.get(digest)
      if (kept === undefined) return undefined
      const claims = JSON.parse(kept.claims) as OpaqueTokenRecord['claims']
      return { digest, claims, expiresAt: kept.expiresAt }
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

interface Kept {
  readonly claims: string
  readonly expiresAt: number
}
