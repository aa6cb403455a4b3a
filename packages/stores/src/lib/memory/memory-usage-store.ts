import type { CredentialUse, ScopeUse, UsageStore } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** How credentials and scopes were used, in memory. */
export function memoryUsageStore({ assertOpen, close }: OpenState): UsageStore {
  const uses = new Map<string, CredentialUse>()
  const scopeUses = new Map<string, ScopeUse>()
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
    async addScopes(added) {
      assertOpen()
      for (const use of added) {
        const key = JSON.stringify([use.clientId, use.resource, use.scope])
        const known = scopeUses.get(key) ?? { ...use, calls: 0 }
        scopeUses.set(key, {
          ...use,
          calls: use.calls + known.calls,
          firstUsedAt: Math.min(use.firstUsedAt, known.firstUsedAt),
          lastUsedAt: Math.max(use.lastUsedAt, known.lastUsedAt),
        })
      }
    },
    async readScopes({ resource } = {}) {
      assertOpen()
      return Array.from(scopeUses.values()).filter(
        (use) => resource === undefined || use.resource === resource,
      )
    },
    async close() {
      close()
      uses.clear()
      scopeUses.clear()
    },
  }
}
