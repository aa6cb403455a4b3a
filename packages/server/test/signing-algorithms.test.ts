import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  SIGNING_ALGORITHMS,
  type ServerEvent,
  type SigningAlgorithm,
} from '@countersign/server'
import { memoryStore, startAuthorizationServer } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { postToken } from './post-token.ts'

const resources = SIGNING_ALGORITHMS.map((signingAlgorithm) => ({
  resource: `urn:api:${signingAlgorithm}`,
  scopes: ['read'],
  signingAlgorithm,
}))

describe('the algorithm of a resource', () => {
  it('[std:107] [std:184] signs its tokens, and jose verifies each over the published keys', async () => {
    await using running = await startAuthorizationServer({ resources })
    const { issuer, tokenEndpoint, client, events } = running
    const jwks = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    for (const { resource, signingAlgorithm: algorithm } of resources) {
      const { json } = await postToken(tokenEndpoint, { basic: client, form: { resource } })
      const token = String(json['access_token'])
      expect(decodeProtectedHeader(token)).toMatchObject({ alg: algorithm, typ: 'at+jwt' })
      const verified = await jwtVerify(token, jwks, {
        issuer,
        audience: resource,
        algorithms: [algorithm],
      })
      expect(verified.payload).toMatchObject({ client_id: client.clientId, scope: 'read' })
    }
    const made = events.flatMap((event) =>
      event.type === 'signing_key.created' ? [event.alg] : [],
    )
    expect(made.toSorted()).toEqual(SIGNING_ALGORITHMS.toSorted())
  })

  it('changes at once with the resource, and its key is made for the first token', async () => {
    await using running = await startAuthorizationServer()
    const { administration, server, tokenEndpoint, client } = running
    const [{ resource } = { resource: '' }] = await administration.listResources()
    await administration.updateResource({ resource, signingAlgorithm: 'PS256' })
    await server.refresh()
    const { json } = await postToken(tokenEndpoint, { basic: client })
    expect(decodeProtectedHeader(String(json['access_token'])).alg).toBe('PS256')
    const keys = await administration.listSigningKeys()
    expect(keys.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'PS256'])
  })

  it('gets one key though many servers start at once on one store', async () => {
    const store = memoryStore()
    const masterKeys = [generateMasterKey()]
    const administration = createAdministration({ store, masterKeys })
    for (const one of resources) await administration.createResource(one)
    const events: ServerEvent[] = []
    const servers = Array.from({ length: 5 }, () =>
      createAuthorizationServer({
        issuer: 'https://as.example.test',
        store,
        masterKeys,
        onEvent: (event) => events.push(event),
      }),
    )
    await Promise.all(servers.map((one) => one.ready()))
    const keys = await administration.listSigningKeys()
    const algorithms: SigningAlgorithm[] = keys.map(({ alg }) => alg)
    expect(algorithms.toSorted()).toEqual(SIGNING_ALGORITHMS.toSorted())
    expect(events.filter(({ type }) => type === 'signing_key.created')).toHaveLength(keys.length)
    for (const one of servers) await one.close()
  })

  it('gets one key though servers that run learn of the need at once', async () => {
    const store = memoryStore()
    const masterKeys = [generateMasterKey()]
    const administration = createAdministration({ store, masterKeys })
    const issuer = 'https://as.example.test'
    const servers = Array.from({ length: 5 }, () =>
      createAuthorizationServer({ issuer, store, masterKeys }),
    )
    await Promise.all(servers.map((one) => one.ready()))
    await administration.createResource({
      resource: 'urn:api',
      scopes: ['read'],
      signingAlgorithm: 'Ed25519',
    })
    await Promise.all(servers.map((one) => one.refresh()))
    const keys = await administration.listSigningKeys()
    expect(keys.map(({ alg }) => alg)).toEqual(['ES256', 'Ed25519'])
    for (const one of servers) await one.close()
  })

  it('[std:184] signs slow ones away from the event loop: other answers come meanwhile', async () => {
    await using running = await startAuthorizationServer({
      resources: [{ resource: 'urn:api', scopes: ['read'], signingAlgorithm: 'RS256' }],
    })
    const { issuer, tokenEndpoint, client } = running
    const order: string[] = []
    const tokens = Array.from({ length: 40 }, async () => {
      const { status } = await postToken(tokenEndpoint, { basic: client })
      order.push('token')
      return status
    })
    await fetch(`${issuer}/jwks`).then((response) => response.text())
    order.push('jwks')
    expect(new Set(await Promise.all(tokens))).toEqual(new Set([200]))
    expect(order.indexOf('jwks')).toBeLessThan(order.length - 1)
  })

  it('is refused at creation where nobody knows it', async () => {
    const administration = createAdministration({
      store: memoryStore(),
      masterKeys: [generateMasterKey()],
    })
    for (const signingAlgorithm of ['none', 'HS256', 'EdDSA', 'es256']) {
      await expect(
        administration.createResource({
          resource: 'urn:api',
          scopes: ['read'],
          signingAlgorithm: signingAlgorithm as SigningAlgorithm,
        }),
      ).rejects.toMatchObject({ code: 'ERR_ARGUMENT_VALUE', option: 'signingAlgorithm' })
    }
    expect(await administration.listResources()).toEqual([])
  })
})
