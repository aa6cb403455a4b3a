import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditEntry, RegistryChange, ServerStore } from '@countersign/server'
import { aClient } from './registry-records.ts'

/** How the suite gets at the store under test. */
export interface AuditedChangesContractOptions {
  /** A store with nothing in it. Called for each test. */
  readonly makeStore: () => Promise<ServerStore>
  /** Called after each test, once the store is closed. */
  readonly cleanUp?: () => void | Promise<void>
}

/**
 * What a `ServerStore` must keep to that writes changes and what the audit log says of them in one: both
 * or neither. One whose log lives elsewhere than its registry passes by saying that it does not.
 */
export function auditedChangesContract(name: string, options: AuditedChangesContractOptions): void {
  describe(`${name}, writing changes and their audit entries together`, () => {
    let store: ServerStore

    beforeEach(async () => {
      store = await options.makeStore()
    })
    afterEach(async () => {
      await store.close()
      await options.cleanUp?.()
    })

    /** The clients there are, and those that the log tells of. */
    async function held(): Promise<readonly (readonly string[])[]> {
      const { records } = await store.registry.changesSince(0)
      const entries = await store.audit.find({ limit: 5000 })
      return [
        records.map(({ record }) => (record as { readonly clientId: string }).clientId).toSorted(),
        entries.map(({ clientId }) => String(clientId)).toSorted(),
      ]
    }

    it('writes both, and says so', async () => {
      const audit = { log: store.audit, entries: [told('a'), told('b')] }
      const outcome = await store.registry.apply([client('a'), client('b')], audit)
      expect(outcome.applied).toBe(true)
      const isAudited = outcome.applied && outcome.audited === true
      expect(await held()).toEqual([['a', 'b'], isAudited ? ['a', 'b'] : []])
      expect(await store.audit.find({ limit: 1 })).toEqual(isAudited ? [told('a')] : [])
    })

    it('writes neither where a precondition does not hold', async () => {
      await store.registry.apply([client('a')])
      const audit = { log: store.audit, entries: [told('b')] }
      const outcome = await store.registry.apply([client('b'), client('a')], audit)
      expect(outcome.applied).toBe(false)
      expect(await held()).toEqual([['a'], []])
    })

    it('writes neither where an entry cannot be written', async () => {
      const broken: AuditEntry = {
        ...told('b'),
        get detail(): never {
          throw new Error('it cannot be written')
        },
      }
      const audit = { log: store.audit, entries: [told('a'), broken] }
      const outcome = await store.registry
        .apply([client('a')], audit)
        .catch(() => 'rejected' as const)
      // A store that does not write entries with changes has not looked at it.
      if (outcome === 'rejected') expect(await held()).toEqual([[], []])
      else expect(outcome).not.toMatchObject({ audited: true })
    })

    it('leaves the entries of another log to the caller, and does not say that it wrote them', async () => {
      const other = { ...store.audit }
      const outcome = await store.registry.apply([client('a')], {
        log: other,
        entries: [told('a')],
      })
      expect(outcome).not.toMatchObject({ audited: true })
      expect(await held()).toEqual([['a'], []])
    })

    it('loses no entry of many changes at once', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `c${index}`)
      const outcomes = await Promise.all(
        names.map((one) =>
          store.registry.apply([client(one)], { log: store.audit, entries: [told(one)] }),
        ),
      )
      const audited = names.filter((_, index) => {
        const outcome = outcomes[index]
        return outcome?.applied === true && outcome.audited === true
      })
      expect(await held()).toEqual([names.toSorted(), audited.toSorted()])
    })
  })
}

function client(clientId: string): RegistryChange {
  return { kind: 'client', record: aClient(clientId), require: 'absent' }
}

/** Newest for the first in the alphabet. */
function told(clientId: string): AuditEntry {
  return {
    at: 1_900_000_000_000 - clientId.charCodeAt(0),
    type: 'client.created',
    correlationId: null,
    clientId,
    detail: { key: clientId, actor: 'it\'s "ünïcode"' },
  }
}
