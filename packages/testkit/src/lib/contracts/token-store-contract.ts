import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TokenStore, TokenStoreEntry } from '@countersign/client/sharing'

/** How the suite gets at the store under test. */
export interface TokenStoreContractOptions {
  /** A store with nothing in it. Called for each test. */
  readonly makeStore: () => TokenStore | Promise<TokenStore>
  /** Lets so many milliseconds go by for the store: a clock turned by hand, or real waiting. */
  readonly pass: (milliseconds: number) => void | Promise<void>
  /** Called after each test. */
  readonly cleanUp?: () => void | Promise<void>
}

/**
 * The suite that every `TokenStore` must pass. Call it at the top of a Vitest file.
 *
 * `name` is how the implementation is called in the report.
 */
export function tokenStoreContract(name: string, options: TokenStoreContractOptions): void {
  describe(`${name}, as a TokenStore`, () => {
    let store: TokenStore

    beforeEach(async () => {
      store = await options.makeStore()
    })
    afterEach(async () => {
      await options.cleanUp?.()
    })

    it('has nothing under a key that was never written', async () => {
      expect(await store.get('a')).toBeUndefined()
    })

    it('gives back a value as it was written, and keeps keys apart', async () => {
      const values = ['v1.abc_-.DEF', '{"a":"é\\n \u0000"}', '123 456', 'x'.repeat(60_000)]
      for (const [index, value] of values.entries()) {
        expect(await store.replaceIfNewer(`key_-${index}`, entry({ value }))).toBe(true)
      }
      for (const [index, value] of values.entries()) {
        expect(await store.get(`key_-${index}`)).toBe(value)
      }
    })

    it('takes a key of 128 characters', async () => {
      const key = 'Az09_-'.repeat(30).slice(0, 128)
      await store.replaceIfNewer(key, entry({ value: 'long' }))
      expect(await store.get(key)).toBe('long')
    })

    it('replaces an entry by one that ends later', async () => {
      await store.replaceIfNewer('a', entry({ value: 'old', expiresAt: END }))
      const newer = entry({ value: 'new', expiresAt: END + 1 })
      expect(await store.replaceIfNewer('a', newer)).toBe(true)
      expect(await store.get('a')).toBe('new')
    })

    it.each([0, -1, -1_000_000])(
      'keeps the entry that is there from one %s ms later',
      async (by) => {
        await store.replaceIfNewer('a', entry({ value: 'there', expiresAt: END }))
        const late = entry({ value: 'late', expiresAt: END + by })
        expect(await store.replaceIfNewer('a', late)).toBe(false)
        expect(await store.get('a')).toBe('there')
      },
    )

    it('replaces the very value that is named, whenever it ends', async () => {
      await store.replaceIfNewer('a', entry({ value: 'refused', expiresAt: END }))
      const other = entry({ value: 'b', expiresAt: END - 1000, replacing: 'refused' })
      expect(await store.replaceIfNewer('a', other)).toBe(true)
      expect(await store.get('a')).toBe('b')
    })

    it('does not replace another value than the one that is named', async () => {
      await store.replaceIfNewer('a', entry({ value: 'replaced already', expiresAt: END }))
      const late = entry({ value: 'late', expiresAt: END - 1000, replacing: 'refused' })
      expect(await store.replaceIfNewer('a', late)).toBe(false)
      expect(await store.get('a')).toBe('replaced already')
    })

    it('ends with the entry of the latest end, however many write at once', async () => {
      const ends = Array.from({ length: 20 }, (_, index) => ((index * 7) % 20) + 1)
      const written = await Promise.all(
        ends.map((by) =>
          store.replaceIfNewer('a', entry({ value: `ends-${by}`, expiresAt: END + by })),
        ),
      )
      expect(await store.get('a')).toBe('ends-20')
      expect(written).toContain(true)
    })

    it('forgets an entry when its time is over', async () => {
      await store.replaceIfNewer('a', entry({ value: 'short', ttl: 40 }))
      await options.pass(60)
      expect(await store.get('a')).toBeUndefined()
      expect(await store.replaceIfNewer('a', entry({ value: 'b', expiresAt: 1 }))).toBe(true)
    })

    it('gives a lease to one of many at once', async () => {
      const given = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.lease('a', `owner-${index}`, 60_000)),
      )
      expect(given.filter((lease) => lease !== undefined)).toHaveLength(1)
    })

    it('gives leases of different keys to different owners', async () => {
      expect(await store.lease('a', 'one', 60_000)).toBeDefined()
      expect(await store.lease('b', 'other', 60_000)).toBeDefined()
    })

    it('gives a lease again once it is released', async () => {
      const lease = await store.lease('a', 'one', 60_000)
      await lease?.release()
      expect(await store.lease('a', 'other', 60_000)).toBeDefined()
    })

    it('gives a lease again when its time is over', async () => {
      expect(await store.lease('a', 'gone', 40)).toBeDefined()
      await options.pass(60)
      expect(await store.lease('a', 'other', 60_000)).toBeDefined()
    })

    it('does not release the lease of the owner who came after', async () => {
      const former = await store.lease('a', 'former', 40)
      await options.pass(60)
      expect(await store.lease('a', 'present', 60_000)).toBeDefined()
      await former?.release()
      expect(await store.lease('a', 'third', 60_000)).toBeUndefined()
    })

    it('holds entry and lease of one key apart', async () => {
      const lease = await store.lease('a', 'one', 60_000)
      await store.replaceIfNewer('a', entry({ value: 'kept' }))
      expect(await store.lease('a', 'other', 60_000)).toBeUndefined()
      await lease?.release()
      expect(await store.get('a')).toBe('kept')
    })

    it('lets a lease be released twice', async () => {
      const lease = await store.lease('a', 'one', 60_000)
      await lease?.release()
      await expect(lease?.release()).resolves.not.toThrow()
    })
  })
}

const END = 1_900_000_000_000

function entry(members: Partial<TokenStoreEntry>): TokenStoreEntry {
  return { value: 'value', expiresAt: END, ttl: 60_000, ...members }
}
