import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CredentialUse, UsageStore } from '@countersign/server'

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

    it('rejects once it is closed, and closes twice without complaint', async () => {
      for (const one of stores) await one.close()
      await store.close()
      await expect(store.add([use({})])).rejects.toThrow(Error)
      await expect(store.read()).rejects.toThrow(Error)
    })
  })
}

function use(members: Partial<CredentialUse>): CredentialUse {
  return { credentialId: 'c1', clientId: 'billing', tokens: 1, lastUsedAt: 1000, ...members }
}
