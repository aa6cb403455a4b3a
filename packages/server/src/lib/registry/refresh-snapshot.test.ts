import { describe, expect, it } from 'vitest'
import { refreshSnapshot } from './refresh-snapshot.ts'
import type { RegistryRecord, RegistryStore } from './registry-store.ts'
import { emptySnapshot } from './snapshot.ts'

const CLIENT: RegistryRecord = {
  kind: 'client',
  record: {
    clientId: 'billing',
    name: '',
    state: 'active',
    authenticationMethods: null,
    createdAt: 0,
  },
}

function grant(clientId: string): RegistryRecord {
  const rest = { scopes: ['read'], tokenLifetimeSeconds: null, authorizationDetailsTypes: [] }
  return { kind: 'grant', record: { clientId, resource: 'urn:api', ...rest, createdAt: 0 } }
}

type Reading = Pick<RegistryStore, 'changesSince'>

describe('refreshSnapshot', () => {
  it('takes a registry in by parts, also where what belongs to a client comes before it', async () => {
    const store: Reading = {
      async changesSince(_revision, take) {
        take?.([grant('billing'), grant('nobody')])
        take?.([CLIENT])
        return { revision: 7, records: [] }
      },
    }
    const { revision, clients } = await refreshSnapshot(store, emptySnapshot())
    expect([revision, clients.size]).toEqual([7, 1])
    expect([...(clients.get('billing')?.grants.keys() ?? [])]).toEqual(['urn:api'])
  })

  it('takes nothing in of a read that fails half way', async () => {
    const store: Reading = {
      async changesSince(_revision, take) {
        take?.([CLIENT])
        throw new Error('the connection broke')
      },
    }
    const snapshot = emptySnapshot()
    await expect(refreshSnapshot(store, snapshot)).rejects.toThrow('broke')
    expect([snapshot.revision, snapshot.clients.size]).toEqual([0, 0])
  })

  it('keeps the snapshot of a registry with nothing in it', async () => {
    const snapshot = emptySnapshot()
    const store: Reading = { changesSince: async () => ({ revision: 0, records: [] }) }
    expect(await refreshSnapshot(store, snapshot)).toBe(snapshot)
  })
})
