import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpaqueTokenRecord, OpaqueTokenStore } from '@countersign/server'

/** How the suite gets at the store under test. */
export interface OpaqueTokenStoreContractOptions {
  /** So many stores that share one place with nothing in it; the same one where nothing is shared. */
  readonly makeStores: (
    count: number,
  ) => readonly OpaqueTokenStore[] | Promise<readonly OpaqueTokenStore[]>
  /** Called after each test, once the stores are closed. */
  readonly cleanUp?: () => void | Promise<void>
}

/**
 * The suite that every `OpaqueTokenStore` must pass. Call it at the top of a Vitest file.
 *
 * `name` is how the implementation is called in the report.
 */
export function opaqueTokenStoreContract(
  name: string,
  options: OpaqueTokenStoreContractOptions,
): void {
  describe(`${name}, as an OpaqueTokenStore`, () => {
    let stores: readonly OpaqueTokenStore[] = []
    let store: OpaqueTokenStore

    beforeEach(async () => {
      stores = await options.makeStores(2)
      const [first] = stores
      if (first === undefined) throw new Error('makeStores gave no store')
      store = first
    })
    afterEach(async () => {
      for (const one of stores) await one.close()
      await options.cleanUp?.()
    })

    it('has nothing under a digest that was never put', async () => {
      expect(await store.get('unknown')).toBeUndefined()
    })

    it('gives a token back as it was put, on every node, once put resolves', async () => {
      await store.put(aToken('one'))
      for (const node of stores) expect(await node.get('one')).toEqual(aToken('one'))
    })

    it('keeps 1,000 tokens that are put at once on two nodes', async () => {
      const records = Array.from({ length: 1000 }, (_, index) => aToken(`t${index}`))
      await Promise.all(
        records.map(async (record, index) => {
          const node = stores[index % stores.length] ?? store
          await node.put(record)
          // Handed out now, so it must be there now.
          expect(await node.get(record.digest)).toEqual(record)
        }),
      )
      for (const node of stores) {
        for (const { digest } of records.slice(0, 20)) expect(await node.get(digest)).toBeDefined()
      }
    })

    it('is not changed by what the caller does to the claims afterwards', async () => {
      const claims = { scope: 'orders:read' }
      await store.put({ ...aToken('mine'), claims })
      claims.scope = 'orders:everything'
      expect((await store.get('mine'))?.claims).toEqual({ scope: 'orders:read' })
    })

    it('forgets tokens that have expired, and no others', async () => {
      await store.put({ ...aToken('ended'), expiresAt: 1999 })
      await store.put({ ...aToken('alive'), expiresAt: 2000 })
      await store.forgetExpired(2000)
      expect(await store.get('ended')).toBeUndefined()
      expect(await store.get('alive')).toEqual({ ...aToken('alive'), expiresAt: 2000 })
    })

    it('rejects once it is closed, and closes twice without complaint', async () => {
      for (const one of stores) await one.close()
      await store.close()
      await expect(async () => store.put(aToken('late'))).rejects.toThrow(Error)
      await expect(store.get('late')).rejects.toThrow(Error)
    })
  })
}

function aToken(digest: string): OpaqueTokenRecord {
  const claims = { sub: 'billing', cnf: { 'x5t#S256': 'ünï"\u0000' }, list: [1, 2.5, null, true] }
  return { digest, claims, expiresAt: 1_900_000_000_123 }
}
