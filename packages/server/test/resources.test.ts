import { describe, expect, it } from 'vitest'
import { startAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'

const RESOURCE = 'https://api.example.test/orders'

describe('a resource', () => {
  it('that is disabled gives no token, until it is enabled', async () => {
    await using running = await startAuthorizationServer()
    const { administration, server, tokenEndpoint, client, events } = running
    const ask = async (): Promise<unknown> =>
      (await postToken(tokenEndpoint, { basic: client, form: { resource: RESOURCE } })).json[
        'error'
      ]
    await administration.disableResource(RESOURCE)
    await server.refresh()
    expect(await ask()).toBe('invalid_target')
    expect(events.at(-1)).toMatchObject({ reason: 'resource_not_granted' })
    await administration.enableResource(RESOURCE)
    await server.refresh()
    expect(await ask()).toBeUndefined()
  })

  it('gives nothing to a client whose grant was emptied, and only what is left of one', async () => {
    await using running = await startAuthorizationServer()
    const { administration, server, tokenEndpoint, client } = running
    const grant = async (scopes: readonly string[]): Promise<void> => {
      await administration.grant({ clientId: client.clientId, resource: RESOURCE, scopes })
      await server.refresh()
    }
    await grant(['orders:read'])
    expect((await postToken(tokenEndpoint, { basic: client })).json['scope']).toBe('orders:read')
    await grant([])
    const { json } = await postToken(tokenEndpoint, { basic: client })
    expect(json['error']).toBe('unauthorized_client')
  })

  it('that loses a scope grants it no more, whatever the grants say', async () => {
    await using running = await startAuthorizationServer()
    const { administration, server, tokenEndpoint, client } = running
    const { json: before } = await postToken(tokenEndpoint, { basic: client })
    expect(before['scope']).toBe('orders:read orders:write')
    await administration.updateResource({ resource: RESOURCE, scopes: ['orders:read'] })
    await server.refresh()
    expect((await postToken(tokenEndpoint, { basic: client })).json['scope']).toBe('orders:read')
    const form = { scope: 'orders:write' }
    const { json } = await postToken(tokenEndpoint, { basic: client, form })
    expect(json['error']).toBe('invalid_scope')
  })

  it('keeps what an update does not name', async () => {
    await using running = await startAuthorizationServer()
    const { administration } = running
    const [before] = await administration.listResources()
    const after = await administration.updateResource({ resource: RESOURCE, name: 'Orders' })
    expect(after).toEqual({ ...before, name: 'Orders' })
    expect(await administration.listResources()).toEqual([after])
  })

  it('[std:192] is told what is wrong with its settings, and stays as it was', async () => {
    await using running = await startAuthorizationServer()
    const { administration } = running
    const before = await administration.listResources()
    const rows: readonly (readonly [object, string])[] = [
      [{ tokenFormat: 'saml' }, 'tokenFormat'],
      [{ signingAlgorithm: 'HS256' }, 'signingAlgorithm'],
      [{ senderConstraint: 'bearer' }, 'senderConstraint'],
      [{ tokenLifetimeSeconds: 0 }, 'tokenLifetimeSeconds'],
      [{ tokenLifetimeSeconds: 1.5 }, 'tokenLifetimeSeconds'],
      [{ scopes: [] }, 'scopes'],
      [{ scopes: ['a b'] }, 'scopes'],
      [{ introspectionClients: 'api' }, 'introspectionClients'],
      [{ introspectionClients: [''] }, 'introspectionClients'],
      [{ authorizationDetails: [] }, 'authorizationDetails'],
      [{ authorizationDetails: { '': { members: {} } } }, 'authorizationDetails'],
      [{ authorizationDetails: { a: {} } }, 'authorizationDetails'],
      [
        { authorizationDetails: { a: { members: { type: { type: 'string' } } } } },
        'authorizationDetails',
      ],
      [
        { authorizationDetails: { a: { members: { x: { type: 'date' } } } } },
        'authorizationDetails',
      ],
      [
        { authorizationDetails: { a: { members: { x: { type: 'number', values: ['1'] } } } } },
        'authorizationDetails',
      ],
      [
        { authorizationDetails: { a: { members: { x: { type: 'string', required: 1 } } } } },
        'authorizationDetails',
      ],
      [
        { authorizationDetails: { a: { members: { x: { type: 'string', pattern: '.*' } } } } },
        'authorizationDetails',
      ],
      [{ signingAlgoritm: 'ES256' }, 'signingAlgoritm'],
    ]
    for (const [settings, option] of rows) {
      const update = administration.updateResource({ resource: RESOURCE, ...settings })
      await expect(update).rejects.toMatchObject({ name: 'ArgumentError', option })
    }
    await expect(
      administration.updateResource({ resource: RESOURCE, introspectionClients: ['nobody'] }),
    ).rejects.toMatchObject({ code: 'client_unknown' })
    for (const call of ['disableResource', 'enableResource'] as const) {
      await expect(administration[call]('urn:nobody')).rejects.toMatchObject({
        code: 'resource_unknown',
      })
    }
    await expect(
      administration.grant({
        clientId: 'billing',
        resource: RESOURCE,
        scopes: [],
        authorizationDetailsTypes: ['payment'],
      }),
    ).rejects.toMatchObject({ code: 'authorization_details_unknown' })
    expect(await administration.listResources()).toEqual(before)
  })

  it('shortens the life of a token by the grant alone', async () => {
    await using running = await startAuthorizationServer()
    const { administration, server, tokenEndpoint, client } = running
    await administration.grant({
      clientId: client.clientId,
      resource: RESOURCE,
      scopes: ['orders:read'],
      tokenLifetimeSeconds: 30,
    })
    await server.refresh()
    expect((await postToken(tokenEndpoint, { basic: client })).json['expires_in']).toBe(30)
  })
})

describe('keyRotation', () => {
  it('is refused where a key would never be announced, or with an unknown name', async () => {
    for (const keyRotation of [
      { every: 1000, announce: 1000 },
      { every: 10 },
      { evry: 1000 },
      { retain: -1 },
      'on',
    ]) {
      await expect(
        startAuthorizationServer({ serverOptions: { keyRotation: keyRotation as never } }),
      ).rejects.toMatchObject({ name: 'ArgumentError' })
    }
  })
})
