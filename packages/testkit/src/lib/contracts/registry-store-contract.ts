import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type {
  RegistryChange,
  RegistryRecord,
  RegistryStore,
  RevocationRecord,
} from '@countersign/server'
import { applied, byClientId, client, recordsOf } from './registry-changes.ts'
import { registryNodesContract } from './registry-nodes-contract.ts'
import {
  aClient,
  aCredential,
  aGrant,
  aResource,
  aRevocation,
  aSigningKey,
  aTrustedIssuer,
} from './registry-records.ts'

/** How the suite gets at the store under test. */
export interface RegistryStoreContractOptions {
  /**
   * So many stores that share one place with nothing in it, as servers on several machines do; the
   * same one again and again where nothing is shared. Called for each test.
   */
  readonly makeStores: (
    count: number,
  ) => readonly RegistryStore[] | Promise<readonly RegistryStore[]>
  /** Called after each test, once the stores are closed. */
  readonly cleanUp?: () => void | Promise<void>
}

/**
 * The suite that every `RegistryStore` must pass. Call it at the top of a Vitest file.
 *
 * `name` is how the implementation is called in the report.
 */
export function registryStoreContract(name: string, options: RegistryStoreContractOptions): void {
  registryNodesContract(name, options)
  describe(`${name}, as a RegistryStore`, () => {
    let store: RegistryStore

    beforeEach(async () => {
      const [only] = await options.makeStores(1)
      if (only === undefined) throw new Error('makeStores gave no store')
      store = only
    })
    afterEach(async () => {
      await store.close()
      await options.cleanUp?.()
    })

    it('starts at revision 0 with no records', async () => {
      expect(await store.changesSince(0)).toEqual({ revision: 0, records: [] })
    })

    it('gives back every kind of record as it was written', async () => {
      const records = oneOfEach()
      const revision = await applied(
        store,
        records.map((one) => ({ ...one, require: 'absent' })),
      )
      const found = await store.changesSince(0)
      expect(found.revision).toBe(revision)
      expect(found.records).toHaveLength(records.length)
      expect(found.records).toEqual(expect.arrayContaining([...records]))
    })

    it('gives only what changed after a revision', async () => {
      const first = await applied(store, [client('a'), client('b')])
      const disabled = { ...aClient('a'), state: 'disabled' } as const
      const second = await applied(store, [
        { kind: 'client', record: disabled, require: 'present' },
      ])
      expect(second).toBeGreaterThan(first)
      expect(await store.changesSince(first)).toEqual({
        revision: second,
        records: [{ kind: 'client', record: disabled }],
      })
      expect(await store.changesSince(second)).toEqual({ revision: second, records: [] })
    })

    it('holds one record for a key: the one written last', async () => {
      await applied(store, [client('a')])
      const renamed = { ...aClient('a'), name: 'renamed' }
      await applied(store, [{ kind: 'client', record: renamed, require: 'none' }])
      expect(await recordsOf(store)).toEqual([renamed])
    })

    it('tells grants apart by client and resource', async () => {
      const grants = [aGrant('a', 'urn:x'), aGrant('a', 'urn:y'), aGrant('b', 'urn:x')]
      await applied(
        store,
        grants.map((record) => ({ kind: 'grant', record, require: 'absent' })),
      )
      const found = await recordsOf(store)
      expect(found).toHaveLength(3)
      expect(found).toEqual(expect.arrayContaining(grants))
    })

    it('refuses "absent" for a key that exists, and says which', async () => {
      await applied(store, [client('a')])
      expect(await store.apply([client('a')])).toEqual({
        applied: false,
        conflict: { kind: 'client', key: 'a', require: 'absent' },
      })
    })

    it('refuses "present" for a key that does not exist', async () => {
      const record = aResource('urn:x')
      expect(await store.apply([{ kind: 'resource', record, require: 'present' }])).toEqual({
        applied: false,
        conflict: { kind: 'resource', key: 'urn:x', require: 'present' },
      })
    })

    it('refuses "first" once there is any record of the kind, and only of the kind', async () => {
      await applied(store, [client('a')])
      await applied(store, [{ kind: 'signing_key', record: aSigningKey('k1'), require: 'first' }])
      const result = await store.apply([
        { kind: 'signing_key', record: aSigningKey('k2'), require: 'first' },
      ])
      expect(result.applied).toBe(false)
      expect(await recordsOf(store, 'signing_key')).toEqual([aSigningKey('k1')])
    })

    it('refuses "unchangedSince" for a record that changed later, or that does not exist', async () => {
      const read = await applied(store, [client('a'), client('b')])
      const change = (clientId: string): RegistryChange => ({
        kind: 'client',
        record: { ...aClient(clientId), state: 'disabled' },
        require: { unchangedSince: read },
      })
      await applied(store, [change('a')])
      expect((await store.apply([change('a')])).applied).toBe(false)
      expect((await store.apply([change('nobody')])).applied).toBe(false)
      // Another record's change is no reason to refuse.
      expect((await store.apply([change('b')])).applied).toBe(true)
    })

    it('refuses "aloneSince" where a record of the same kind and client is there or changed since', async () => {
      const credential = (id: string, clientId: string, since: number): RegistryChange => ({
        kind: 'credential',
        record: aCredential(id, clientId),
        require: { aloneSince: since },
      })
      const read = await applied(store, [client('a'), client('b'), credential('a1', 'a', 0)])
      const second = await applied(store, [credential('a2', 'a', read)])
      expect(await store.apply([credential('a3', 'a', read)])).toEqual({
        applied: false,
        conflict: { kind: 'credential', key: 'a3', require: { aloneSince: read } },
      })
      // Neither another client's nor a record of another kind is a reason to refuse.
      await applied(store, [{ kind: 'grant', record: aGrant('b', 'urn:x'), require: 'absent' }])
      const third = await applied(store, [credential('b1', 'b', read)])
      await applied(store, [credential('a3', 'a', second)])
      expect((await store.apply([credential('b1', 'b', third)])).applied).toBe(false)
      const retired: RegistryChange = {
        kind: 'credential',
        record: { ...aCredential('b1', 'b'), expiresAt: 1 },
        require: 'present',
      }
      await applied(store, [retired])
      expect((await store.apply([credential('b2', 'b', third)])).applied).toBe(false)
      expect(await recordsOf(store, 'credential')).toHaveLength(4)
    })

    it('writes nothing and makes no revision when one precondition of several fails', async () => {
      const before = await applied(store, [client('a')])
      const result = await store.apply([client('b'), client('a'), client('c')])
      expect(result.applied).toBe(false)
      expect(await store.changesSince(0)).toEqual({
        revision: before,
        records: [{ kind: 'client', record: aClient('a') }],
      })
    })

    it('gives 25,000 records back, written by small changes and by great ones', async () => {
      const names = Array.from({ length: 25_000 }, (_, index) => `c${index}`)
      let first = 0
      for (const size of [1, 9999, 1, 3, 12_000, 2996]) {
        await applied(store, names.slice(first, first + size).map(client))
        first += size
      }
      const taken: RegistryRecord[] = []
      const rest = await store.changesSince(0, (part) => taken.push(...part))
      const { records, revision } = await store.changesSince(0)
      expect(revision).toBe(6)
      // In parts or not, it is the same.
      expect([...taken, ...rest.records].toSorted(byClientId)).toEqual(records.toSorted(byClientId))
      expect(rest.revision).toBe(6)
      const found = records.map(({ record }) => (record as { clientId: string }).clientId)
      expect(found).toHaveLength(25_000)
      expect(new Set(found)).toEqual(new Set(names))
      expect((await store.changesSince(1)).records).toHaveLength(24_999)
    })

    it('is not changed by what the caller does to a record afterwards', async () => {
      const scopes = ['orders:read']
      const record = { ...aResource('urn:x'), scopes }
      await applied(store, [{ kind: 'resource', record, require: 'absent' }])
      scopes.push('orders:everything')
      expect(await recordsOf(store)).toMatchObject([{ scopes: ['orders:read'] }])
    })

    it('forgets revocation marks that have ended, and makes no revision of it', async () => {
      const [ended, alive] = [aRevocation('t1', 1000), aRevocation('t2', 2000)]
      const revision = await applied(store, [
        client('a'),
        { kind: 'revocation', record: ended, require: 'none' },
        { kind: 'revocation', record: alive, require: 'none' },
      ])
      await store.forgetRevocations(2000)
      expect(await recordsOf(store, 'revocation')).toEqual([alive])
      expect(await recordsOf(store, 'client')).toHaveLength(1)
      expect((await store.changesSince(0)).revision).toBe(revision)
    })

    it('forgets marks by their keys, those that did not change since, and makes no revision of it', async () => {
      if (store.forgetMarks === undefined) return
      const marks = Array.from({ length: 1200 }, (_, index) => aRevocation(`t${index}`, 9000))
      const change = (record: RevocationRecord): RegistryChange => ({
        kind: 'revocation',
        record,
        require: 'none',
      })
      const read = await applied(store, [client('a'), ...marks.map(change)])
      const anew = aRevocation('t1', 9001)
      const revision = await applied(store, [change(anew)])
      const others = [aRevocation('t1198', 9000), aRevocation('t1199', 9000)]
      const keys = marks.slice(0, -2).map(({ id }) => `token ${id}`)
      await store.forgetMarks([...keys, 'token unheard-of', 'a'], read)
      const left = await recordsOf(store, 'revocation')
      expect(left).toHaveLength(3)
      expect(left).toEqual(expect.arrayContaining([anew, ...others]))
      expect(await recordsOf(store, 'client')).toHaveLength(1)
      expect((await store.changesSince(0)).revision).toBe(revision)
    })

    it('tells a watcher of a change, until it is stopped', async () => {
      if (store.watch === undefined) return
      const seen: number[] = []
      let told = 0
      const stop = store.watch(() => {
        told++
        void store.changesSince(0).then(({ revision }) => seen.push(revision))
      })
      const revision = await applied(store, [client('a')])
      // Whoever reads when told sees the change.
      await vi.waitFor(() => expect(seen).toContain(revision), { timeout: 5000 })
      stop()
      const before = told
      await applied(store, [client('b')])
      await store.changesSince(0)
      expect(told).toBe(before)
    })

    it('rejects once it is closed, and closes twice without complaint', async () => {
      await applied(store, [client('a')])
      await store.close()
      await store.close()
      await expect(store.changesSince(0)).rejects.toThrow(Error)
      await expect(store.apply([client('b')])).rejects.toThrow(Error)
    })
  })
}

function oneOfEach(): readonly RegistryRecord[] {
  const resource = 'https://api.example.test/orders?x=%20'
  const expiresAt = 1_900_000_000_123
  return [
    { kind: 'client', record: aClient('billing') },
    { kind: 'credential', record: { ...aCredential('c1', 'billing'), expiresAt } },
    { kind: 'resource', record: aResource(resource) },
    { kind: 'grant', record: aGrant('billing', resource) },
    { kind: 'trusted_issuer', record: aTrustedIssuer('https://cluster.example.test') },
    { kind: 'signing_key', record: { ...aSigningKey('k1'), withdrawAt: expiresAt } },
    { kind: 'revocation', record: aRevocation('t1', expiresAt) },
  ]
}
