import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReplayStore } from '@countersign/server'

/** How the suite gets at the store under test. */
export interface ReplayStoreContractOptions {
  /**
   * So many stores that share one place with nothing in it, as servers on several machines do; the
   * same one again and again where nothing is shared. Called for each test.
   */
  readonly makeStores: (count: number) => readonly ReplayStore[] | Promise<readonly ReplayStore[]>
  /** Called after each test, once the stores are closed. */
  readonly cleanUp?: () => void | Promise<void>
}

const NODES = 4

/**
 * The suite that every `ReplayStore` must pass. Call it at the top of a Vitest file.
 *
 * `name` is how the implementation is called in the report.
 */
export function replayStoreContract(name: string, options: ReplayStoreContractOptions): void {
  describe(`${name}, as a ReplayStore`, () => {
    let stores: readonly ReplayStore[] = []
    let store: ReplayStore
    let inAnHour = 0

    beforeEach(async () => {
      inAnHour = Date.now() + 3_600_000
      stores = await options.makeStores(NODES)
      const [first] = stores
      if (first === undefined) throw new Error('makeStores gave no store')
      store = first
    })
    afterEach(async () => {
      for (const one of stores) await one.close()
      await options.cleanUp?.()
    })

    it('says true to the first call with a key and false to all others, on every node', async () => {
      expect(await store.reserve('a', inAnHour)).toBe(true)
      for (const one of stores) expect(await one.reserve('a', inAnHour)).toBe(false)
    })

    it('keeps keys apart, however alike', async () => {
      const long = 'Az09-_'.repeat(11).slice(0, 64)
      for (const key of ['a', 'A', 'a_', '-a', long, long.slice(1)]) {
        expect(await store.reserve(key, inAnHour)).toBe(true)
      }
    })

    it('lets one of 1,000 concurrent calls with one key be first, over all nodes', async () => {
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, index) => {
          const node = stores[index % stores.length] ?? store
          return node.reserve('once', inAnHour)
        }),
      )
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(new Set(answers)).toEqual(new Set([true, false]))
    })

    it('lets each of 200 keys be first once when every node asks for all of them at once', async () => {
      const asked = stores.flatMap((one) =>
        Array.from({ length: 200 }, (_, index) => one.reserve(`key-${index}`, inAnHour)),
      )
      const answers = await Promise.all(asked)
      expect(answers.filter(Boolean)).toHaveLength(200)
    })

    it('remembers a key that has not expired, whatever is forgotten', async () => {
      await store.reserve('long', inAnHour)
      await store.forgetExpired(Date.now())
      for (const one of stores) expect(await one.reserve('long', inAnHour)).toBe(false)
    })

    it('may forget 6,000 keys that have expired, and keeps the one that has not', async () => {
      const ended = Date.now() - 3_600_000
      for (let part = 0; part < 6; part++) {
        await Promise.all(
          Array.from({ length: 1000 }, (_, index) =>
            store.reserve(`${part}-${index}`, ended - (index % 7)),
          ),
        )
      }
      await store.reserve('alive', inAnHour)
      await store.forgetExpired(Date.now())
      expect(await store.reserve('alive', inAnHour)).toBe(false)
    })

    it('says nothing more once it is closed, and closes twice without complaint', async () => {
      for (const one of stores) await one.close()
      await store.close()
      await expect(store.reserve('b', inAnHour)).rejects.toThrow(Error)
    })
  })
}
