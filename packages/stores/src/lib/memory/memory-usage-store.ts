import type { CredentialUse, UsageStore } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** How credentials were used, in memory. */
export function memoryUsageStore({ assertOpen, close }: OpenState): UsageStore {
  const uses = new Map<string, CredentialUse>()
  return {
    async add(added) {
      assertOpen()
      for (const use of added) {
        const known = uses.get(use.credentialId)
        uses.set(use.credentialId, {
          ...use,
          tokens: use.tokens + (known?.tokens ?? 0),
          lastUsedAt: Math.max(use.lastUsedAt, known?.lastUsedAt ?? 0),
        })
      }
    },
    async read({ clientId } = {}) {
      assertOpen()
      return Array.from(uses.values()).filter(
        (use) => clientId === undefined || use.clientId === clientId,
      )
    },
    async close() {
      close()
      uses.clear()
    },
  }
}
