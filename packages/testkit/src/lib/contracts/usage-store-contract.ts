import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CredentialUse, ScopeUse, UsageStore } from '@countersign/server'

/** How the suite gets at the store under test. */
export interface UsageStoreContractOptions {
  /** So many stores that share one place with nothing in it; the same one where nothing is shared. */
  readonly makeStores: (count: number) => readonly UsageStore[] | Promise<readonly UsageStore[]>
  /** Called after each test, once the stores are closed. */
  readonly cleanUp?: () => void | Promise<void>
}

/**
 * The suite that every `UsageStore` must pass. Call it at the top of a Vitest file.
 *
 * `name` is how the implementation is called in the report.
 */
export function usageStoreContract(name: string, options: UsageStoreContractOptions): void {
  describe(`${name}, as a UsageStore`, () => {
    let stores: readonly UsageStore[] = []
    let store: UsageStore

    beforeEach(async () => {
      stores = await options.makeStores(3)
      const [first] = stores
      if (first === undefined) throw new Error('makeStores gave no store')
      store = first
    })
    afterEach(async () => {
      for (const one of stores) await one.close()
      await options.cleanUp?.()
    })

    it('starts with nothing, and takes an empty batch', async () => {
      await store.add([])
      expect(await store.read()).toEqual([])
    })

    it('adds counts up and keeps the latest instant, in whatever order they come', async () => {
      await store.add([use({ tokens: 2, lastUsedAt: 2000 })])
      await store.add([use({ tokens: 3, lastUsedAt: 3000 })])
      await store.add([use({ tokens: 4, lastUsedAt: 1000 })])
      expect(await store.read()).toEqual([use({ tokens: 9, lastUsedAt: 3000 })])
    })

    it('adds up a credential that stands twice in one batch', async () => {
      await store.add([use({ tokens: 1, lastUsedAt: 9 }), use({ tokens: 1, lastUsedAt: 8 })])
      expect(await store.read()).toEqual([use({ tokens: 2, lastUsedAt: 9 })])
    })

    it('keeps credentials apart, and gives one client alone', async () => {
      await store.add([
        use({ credentialId: 'c1', clientId: 'a' }),
        use({ credentialId: 'c2', clientId: 'a' }),
        use({ credentialId: 'c3', clientId: 'b' }),
      ])
      expect(await store.read()).toHaveLength(3)
      const ofA = await store.read({ clientId: 'a' })
      expect(ofA.map(({ credentialId }) => credentialId).toSorted()).toEqual(['c1', 'c2'])
      expect(await store.read({ clientId: 'nobody' })).toEqual([])
    })

    it('loses nothing when every node adds to the same credentials at once', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `c${index}`)
      await Promise.all(
        Array.from({ length: 30 }, (_, round) => {
          // Each in an order of its own: two that write the same rows must not wait for each other.
          const ordered = round % 2 === 0 ? names : names.toReversed()
          const node = stores[round % stores.length] ?? store
          return node.add(
            ordered.map((credentialId) => use({ credentialId, tokens: 1, lastUsedAt: round })),
          )
        }),
      )
      const read = await store.read()
      expect(read).toHaveLength(20)
      for (const { tokens, lastUsedAt } of read) expect([tokens, lastUsedAt]).toEqual([30, 29])
    })

    it('counts beyond what 32 bits hold', async () => {
      await store.add([use({ tokens: 5_000_000_000, lastUsedAt: 1_900_000_000_123 })])
      await store.add([use({ tokens: 1, lastUsedAt: 1 })])
      expect(await store.read()).toEqual([
        use({ tokens: 5_000_000_001, lastUsedAt: 1_900_000_000_123 }),
      ])
    })

    it('adds up the uses of a scope, and keeps the first and latest instants, in whatever order they come', async () => {
      expect(await store.readScopes()).toEqual([])
      await store.addScopes([])
      await store.addScopes([scopeUse({ calls: 2, firstUsedAt: 2000, lastUsedAt: 2500 })])
      await store.addScopes([scopeUse({ calls: 3, firstUsedAt: 3000, lastUsedAt: 3500 })])
      await store.addScopes([
        scopeUse({ calls: 4, firstUsedAt: 1000, lastUsedAt: 1500 }),
        scopeUse({ calls: 5_000_000_000, firstUsedAt: 1200, lastUsedAt: 1200 }),
      ])
      expect(await store.readScopes()).toEqual([
        scopeUse({ calls: 5_000_000_009, firstUsedAt: 1000, lastUsedAt: 3500 }),
      ])
    })

    it('keeps clients, resources and scopes apart, and gives one resource alone', async () => {
      const apart = [
        scopeUse({}),
        scopeUse({ clientId: 'shipping' }),
        scopeUse({ scope: 'orders:write' }),
        scopeUse({ resource: 'https://api.example/other' }),
      ]
      await store.addScopes(apart)
      expect(await store.readScopes()).toHaveLength(4)
      const one = await store.readScopes({ resource: 'https://api.example/orders' })
      expect(one).toHaveLength(3)
      expect(one).toEqual(expect.arrayContaining(apart.slice(0, 3)))
      expect(await store.readScopes({ resource: 'nothing' })).toEqual([])
      expect(await store.read()).toEqual([])
    })

    it('loses no use of a scope when every node adds to the same ones at once', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `s${index}`)
      await Promise.all(
        Array.from({ length: 30 }, (_, round) => {
          const ordered = round % 2 === 0 ? names : names.toReversed()
          const node = stores[round % stores.length] ?? store
          return node.addScopes(
            ordered.map((scope) =>
              scopeUse({ scope, calls: 1, firstUsedAt: round, lastUsedAt: round }),
            ),
          )
        }),
      )
      const read = await store.readScopes()
      expect(read).toHaveLength(20)
      for (const { calls, firstUsedAt, lastUsedAt } of read) {
        expect([calls, firstUsedAt, lastUsedAt]).toEqual([30, 0, 29])
      }
    })

    it('rejects once it is closed, and closes twice without complaint', async () => {
      for (const one of stores) await one.close()
      await store.close()
      await expect(store.addScopes([scopeUse({})])).rejects.toThrow(Error)
      await expect(store.readScopes()).rejects.toThrow(Error)
      await expect(store.add([use({})])).rejects.toThrow(Error)
      await expect(store.read()).rejects.toThrow(Error)
    })
  })
}

function use(members: Partial<CredentialUse>): CredentialUse {
  return { credentialId: 'c1', clientId: 'billing', tokens: 1, lastUsedAt: 1000, ...members }
}

function scopeUse(members: Partial<ScopeUse>): ScopeUse {
  return {
    clientId: 'billing',
    resource: 'https://api.example/orders',
    scope: 'orders:read',
    calls: 1,
    firstUsedAt: 1000,
    lastUsedAt: 1000,
    ...members,
  }
}
