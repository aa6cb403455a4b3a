import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RegistryChange, RegistryStore } from '@countersign/server'
import { applied, byClientId, client, recordsOf } from './registry-changes.ts'
import { aClient, aCredential, aRevocation, aSigningKey } from './registry-records.ts'
import type { RegistryStoreContractOptions } from './registry-store-contract.ts'

/** The part of `registryStoreContract` in which several nodes work on one registry. */
export function registryNodesContract(name: string, options: RegistryStoreContractOptions): void {
  describe(`${name}, as a RegistryStore of several nodes`, () => {
    let stores: readonly RegistryStore[] = []
    let store: RegistryStore
    /** Another node on the same place. */
    let other: RegistryStore

    beforeEach(async () => {
      stores = await options.makeStores(2)
      const [first, second] = stores
      if (first === undefined || second === undefined) throw new Error('makeStores gave too few')
      store = first
      other = second
    })
    afterEach(async () => {
      for (const one of stores) await one.close()
      await options.cleanUp?.()
    })

    /** One of the nodes after another. */
    const node = (index: number): RegistryStore => stores[index % stores.length] ?? store

    it('shows each node what another changed, from where it has read to', async () => {
      const first = await applied(store, [client('a')])
      expect(await other.changesSince(0)).toEqual({
        revision: first,
        records: [{ kind: 'client', record: aClient('a') }],
      })
      const second = await applied(other, [client('b')])
      expect(second).toBeGreaterThan(first)
      expect(await store.changesSince(first)).toEqual({
        revision: second,
        records: [{ kind: 'client', record: aClient('b') }],
      })
      // What one read, another may decide by.
      const record = { ...aClient('b'), state: 'disabled' } as const
      const require = { unchangedSince: second }
      const third = await applied(store, [{ kind: 'client', record, require }])
      expect(await other.changesSince(second)).toEqual({
        revision: third,
        records: [{ kind: 'client', record }],
      })
    })

    it('refuses what another node made impossible', async () => {
      const read = await applied(store, [client('a')])
      expect(await other.apply([client('a')])).toMatchObject({ applied: false })
      const renamed = (to: string): RegistryChange => ({
        kind: 'client',
        record: { ...aClient('a'), name: to },
        require: { unchangedSince: read },
      })
      await applied(other, [renamed('by the other')])
      expect(await store.apply([renamed('too late')])).toEqual({
        applied: false,
        conflict: { kind: 'client', key: 'a', require: { unchangedSince: read } },
      })
      expect(await recordsOf(store)).toEqual([{ ...aClient('a'), name: 'by the other' }])
    })

    it('lets one of many concurrent callers be first, over all nodes', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          node(index).apply([
            { kind: 'signing_key', record: aSigningKey(`k${index}`), require: 'first' },
          ]),
        ),
      )
      expect(results.filter((result) => result.applied)).toHaveLength(1)
      expect(await recordsOf(store)).toHaveLength(1)
      expect(await recordsOf(other)).toEqual(await recordsOf(store))
    })

    it('lets one of two nodes win that change a record at once, and both see which', async () => {
      let read = await applied(store, [client('a')])
      for (let turn = 0; turn < 20; turn++) {
        const names = [`one ${turn}`, `other ${turn}`]
        const results = await Promise.all(
          names.map((one, index) =>
            node(index + turn).apply([
              {
                kind: 'client',
                record: { ...aClient('a'), name: one },
                require: { unchangedSince: read },
              },
              client(`of ${one}`),
            ]),
          ),
        )
        const winner = names.find((_, index) => results[index]?.applied)
        expect(results.filter((result) => result.applied)).toHaveLength(1)
        const seen = await Promise.all(stores.map((one) => one.changesSince(read)))
        for (const { revision, records } of seen) {
          expect(revision).toBe(seen[0]?.revision)
          // Of the loser nothing is left, not even what nobody disputed.
          expect(records.toSorted(byClientId)).toEqual([
            { kind: 'client', record: { ...aClient('a'), name: winner } },
            { kind: 'client', record: aClient(`of ${winner}`) },
          ])
        }
        read = seen[0]?.revision ?? 0
      }
    })

    it('lets one of two nodes win that add to the same client at once', async () => {
      let read = await applied(store, [client('a')])
      for (let turn = 0; turn < 20; turn++) {
        const since = read
        const results = await Promise.all(
          [0, 1].map((index) =>
            node(index + turn).apply([
              {
                kind: 'credential',
                record: aCredential(`${turn} by ${index}`, 'a'),
                require: { aloneSince: since },
              },
            ]),
          ),
        )
        expect(results.filter((result) => result.applied)).toHaveLength(1)
        expect(await recordsOf(other, 'credential')).toHaveLength(turn + 1)
        read = (await store.changesSince(read)).revision
      }
    })

    it('gives each of many concurrent changes a revision of its own and loses none', async () => {
      const revisions = await Promise.all(
        Array.from({ length: 20 }, (_, index) => applied(node(index), [client(`c${index}`)])),
      )
      expect(new Set(revisions).size).toBe(20)
      for (const one of stores) {
        const { revision, records } = await one.changesSince(0)
        expect(revision).toBe(Math.max(...revisions))
        expect(records).toHaveLength(20)
      }
    })

    it('hides no change from a node that follows while others write', async () => {
      const names = Array.from({ length: 60 }, (_, index) => `c${index}`)
      const state = { writing: true }
      const written = Promise.all(
        names.map((one, index) => applied(node(index), [client(one)])),
      ).finally(() => {
        state.writing = false
      })
      const followed: string[] = []
      let read = 0
      const follow = async (): Promise<void> => {
        const { revision, records } = await other.changesSince(read)
        expect(revision).toBeGreaterThanOrEqual(read)
        read = revision
        for (const { record } of records) {
          followed.push((record as { clientId: string }).clientId)
        }
      }
      while (state.writing) await follow()
      await written
      await follow()
      // Each once: a revision that was given covers every change up to it.
      expect(followed.toSorted()).toEqual(names.toSorted())
    })

    it('keeps a mark that is made anew while the one before is forgotten', async () => {
      for (let turn = 0; turn < 20; turn++) {
        const id = `t${turn}`
        const ended: RegistryChange = {
          kind: 'revocation',
          record: aRevocation(id, 1000),
          require: 'none',
        }
        const alive = aRevocation(id, 3000)
        await applied(store, [ended])
        const forgetting = other.forgetRevocations(2000)
        await applied(store, [{ ...ended, record: alive }])
        await forgetting
        expect(await recordsOf(store, 'revocation')).toContainEqual(alive)
      }
    })

    it('tells a watcher of a change by another node', async () => {
      if (store.watch === undefined) return
      const seen: number[] = []
      const reads: Promise<unknown>[] = []
      const stop = store.watch(() => {
        reads.push(store.changesSince(0).then(({ revision }) => seen.push(revision)))
      })
      // A watcher may not be listening yet: each change is another hint.
      let revision = 0
      await vi.waitFor(
        async () => {
          revision = await applied(other, [client(`c${revision}`)])
          await vi.waitFor(() => expect(seen).toContain(revision), { timeout: 500 })
        },
        { timeout: 5000 },
      )
      stop()
      await Promise.all(reads)
    })
  })
}
