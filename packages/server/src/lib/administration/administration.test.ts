import { describe, expect, it } from 'vitest'
import { ArgumentError } from '@countersign/protocol'
import { handClock, memoryStore } from '@countersign/testkit'
import type { ServerStore } from '../stores/server-store.ts'
import { generateMasterKey } from '../secrets/master-key.ts'
import { AdministrationError } from './administration-error.ts'
import { createAdministration, type Administration } from './administration.ts'

const ORDERS = 'https://api.example.test/orders'
const masterKeys = [generateMasterKey()]

function administrationOf(store: ServerStore = memoryStore()): Administration {
  return createAdministration({ store, masterKeys })
}

describe('createAdministration', () => {
  it('refuses wrong options at once', () => {
    const store = memoryStore()
    expect(() => createAdministration({ store } as never)).toThrow("'masterKeys' is required")
    expect(() => createAdministration({ masterKeys } as never)).toThrow("'store'")
    expect(() => createAdministration({ store, masterKey: masterKeys } as never)).toThrow(
      "did you mean 'masterKeys'?",
    )
  })
})

describe('an administration with other master keys than its server', () => {
  it('is refused before it makes a secret that could never work', async () => {
    const store = memoryStore()
    await administrationOf(store).rotateSigningKey()
    const wrong = createAdministration({ store, masterKeys: [generateMasterKey()] })
    for (const attempt of ['first', 'second', 'third']) {
      await expect(wrong.createClient({ clientId: attempt })).rejects.toMatchObject({
        code: 'master_key_wrong',
      })
    }
    expect(await wrong.listClients()).toEqual([])
  })
})

describe('createClient', () => {
  it('makes an identifier where none is given, and takes the one that is', async () => {
    const administration = administrationOf()
    const made = await administration.createClient()
    expect(made.client.clientId).toMatch(/^[A-Za-z0-9._~-]{1,128}$/)
    await administration.createClient({ clientId: 'a.b_c~d-9', name: 'Ångström' })
    expect((await administration.listClients()).map(({ name }) => name)).toContain('Ångström')
  })

  it('refuses a second client of one identifier, a disabled one included', async () => {
    const administration = administrationOf()
    await administration.createClient({ clientId: 'billing' })
    await administration.disableClient('billing')
    await expect(administration.createClient({ clientId: 'billing' })).rejects.toMatchObject({
      name: 'AdministrationError',
      code: 'client_exists',
    })
  })

  it('lets one of two administrations make a client of one identifier', async () => {
    const store = memoryStore()
    const results = await Promise.allSettled(
      [administrationOf(store), administrationOf(store)].map((one) =>
        one.createClient({ clientId: 'billing' }),
      ),
    )
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const { records } = await store.registry.changesSince(0)
    expect(records.map(({ kind }) => kind).toSorted()).toEqual(['client', 'credential'])
  })

  it('refuses identifiers that Basic would write in several ways', async () => {
    const administration = administrationOf()
    for (const clientId of ['', 'a b', 'a:b', 'a%b', 'é', 'x'.repeat(129), 7]) {
      await expect(administration.createClient({ clientId: clientId as string })).rejects.toThrow(
        ArgumentError,
      )
    }
  })
})

describe('listClients', () => {
  it('lists clients by identifier with their credentials and grants', async () => {
    const administration = administrationOf()
    await administration.createResource({ resource: ORDERS, scopes: ['orders:read'] })
    for (const clientId of ['b', 'a']) await administration.createClient({ clientId })
    await administration.grant({ clientId: 'b', resource: ORDERS, scopes: ['orders:read'] })
    const [a, b] = await administration.listClients()
    expect([a?.clientId, a?.grants, a?.credentials.length]).toEqual(['a', [], 1])
    expect(b).toMatchObject({
      clientId: 'b',
      state: 'active',
      grants: [{ resource: ORDERS, scopes: ['orders:read'] }],
    })
  })
})

describe('rotateSecret', () => {
  it('adds a secret and lets the older ones expire after a day', async () => {
    const clock = handClock()
    const store = memoryStore()
    const administration = createAdministration({ store, masterKeys, now: clock.now })
    await administration.createClient({ clientId: 'billing' })
    clock.advance(1000)
    await administration.rotateSecret('billing')
    const [client] = await administration.listClients()
    expect(client?.credentials.map(({ expiresAt }) => expiresAt)).toEqual([
      clock.now() + 86_400_000,
      null,
    ])
  })

  it('names the nearest client where there is none of that identifier', async () => {
    const administration = administrationOf()
    await administration.createClient({ clientId: 'billing' })
    await expect(administration.rotateSecret('biling')).rejects.toThrow("did you mean 'billing'?")
    await expect(administration.disableClient('nobody')).rejects.toMatchObject({
      code: 'client_unknown',
    })
  })

  it('loses no secret when two are made at once', async () => {
    const store = memoryStore()
    await administrationOf(store).createClient({ clientId: 'billing' })
    await Promise.all([1, 2, 3].map(() => administrationOf(store).rotateSecret('billing')))
    const [client] = await administrationOf(store).listClients()
    expect(client?.credentials).toHaveLength(4)
    expect(client?.credentials.filter(({ expiresAt }) => expiresAt === null)).toHaveLength(1)
  })
})

describe('createResource', () => {
  it('lets tokens live an hour unless told otherwise', async () => {
    const administration = administrationOf()
    const made = await administration.createResource({ resource: ORDERS, scopes: ['a', 'a', 'b'] })
    expect(made).toMatchObject({ scopes: ['a', 'b'], tokenLifetimeSeconds: 3600 })
    await expect(
      administration.createResource({ resource: ORDERS, scopes: ['a'] }),
    ).rejects.toMatchObject({ code: 'resource_exists' })
    expect(await administration.listResources()).toEqual([made])
  })

  it('refuses what is no resource, no scope or no lifetime', async () => {
    const administration = administrationOf()
    for (const options of [
      { resource: '/orders', scopes: ['a'] },
      { resource: `${ORDERS}#x`, scopes: ['a'] },
      { resource: ORDERS, scopes: [] },
      { resource: ORDERS, scopes: ['a b'] },
      { resource: ORDERS, scopes: 'a' },
      { resource: ORDERS },
      { resource: ORDERS, scopes: ['a'], tokenLifetimeSeconds: 0 },
      { resource: ORDERS, scopes: ['a'], tokenLifetimeSeconds: 1.5 },
      { resource: ORDERS, scopes: ['a'], lifetime: 60 },
    ]) {
      await expect(administration.createResource(options as never)).rejects.toThrow(ArgumentError)
    }
  })
})

describe('grant', () => {
  it('replaces what was granted before, and takes everything back with no scopes', async () => {
    const administration = administrationOf()
    await administration.createResource({ resource: ORDERS, scopes: ['a', 'b'] })
    await administration.createClient({ clientId: 'billing' })
    for (const scopes of [['a', 'b'], ['b'], []]) {
      await administration.grant({ clientId: 'billing', resource: ORDERS, scopes })
      const [client] = await administration.listClients()
      expect(client?.grants.map((one) => one.scopes)).toEqual([scopes])
    }
  })

  it('refuses an unknown client, resource or scope, and says which', async () => {
    const administration = administrationOf()
    await administration.createResource({ resource: ORDERS, scopes: ['a'] })
    await administration.createClient({ clientId: 'billing' })
    const good = { clientId: 'billing', resource: ORDERS, scopes: ['a'] }
    const rows = [
      [{ ...good, clientId: 'nobody' }, 'client_unknown'],
      [{ ...good, resource: 'urn:nothing' }, 'resource_unknown'],
      [{ ...good, scopes: ['b'] }, 'scope_unknown'],
    ] as const
    for (const [options, code] of rows) {
      await expect(administration.grant(options)).rejects.toMatchObject({ code })
    }
  })
})

describe('an edit', () => {
  it('gives up with conflict where others are always quicker', async () => {
    const inner = memoryStore()
    await administrationOf(inner).createClient({ clientId: 'billing' })
    let attempts = 0
    const store: ServerStore = {
      ...inner,
      registry: {
        ...inner.registry,
        apply: async ([change]) => {
          attempts++
          if (change === undefined) throw new Error('nothing to apply')
          const { kind, require } = change
          return { applied: false, conflict: { kind, key: 'billing', require } }
        },
      },
    }
    const failed = administrationOf(store).disableClient('billing')
    await expect(failed).rejects.toThrow(AdministrationError)
    await expect(failed).rejects.toMatchObject({ code: 'conflict' })
    expect(attempts).toBe(5)
  })
})
