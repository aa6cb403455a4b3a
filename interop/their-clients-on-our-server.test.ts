import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import {
  startAuthorizationServer,
  startLoopbackServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import * as openid from 'openid-client'
import { ClientCredentials } from 'simple-oauth2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const API = 'https://api.example.test/orders'

let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer()
})
afterAll(() => server.close())

/** What our guard makes of a token that a stranger's client obtained. */
async function scopesSeenByOurGuard(token: string): Promise<readonly string[]> {
  const guard = createGuard({ issuer: server.issuer, audience: API })
  const verdict = await guard(new Request(API, { headers: { authorization: `Bearer ${token}` } }))
  return verdict.allowed ? [...verdict.principal.scopes] : [verdict.reason]
}

describe('openid-client on our server', () => {
  it.each([
    ['Basic', openid.ClientSecretBasic],
    ['post', openid.ClientSecretPost],
  ])('obtains a token by discovery and %s', async (_, method) => {
    const { clientId, clientSecret } = server.client
    const config = await openid.discovery(
      new URL(server.issuer),
      clientId,
      undefined,
      method(clientSecret),
      {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      },
    )
    const tokens = await openid.clientCredentialsGrant(config, {
      scope: 'orders:read',
      resource: API,
    })
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'orders:read' })
    expect(await scopesSeenByOurGuard(tokens.access_token)).toEqual(['orders:read'])
  })

  it('understands our refusals', async () => {
    const { clientId } = server.client
    const config = await openid.discovery(
      new URL(server.issuer),
      clientId,
      'wrong',
      openid.ClientSecretBasic('wrong'),
      {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      },
    )
    const refused = openid.clientCredentialsGrant(config)
    await expect(refused).rejects.toMatchObject({ cause: expect.any(Array), status: 401 })
  })
})

describe('simple-oauth2 on our server', () => {
  it.each(['header', 'body'] as const)(
    'obtains a token with its credentials in the %s',
    async (place) => {
      const { clientId, clientSecret } = server.client
      const client = new ClientCredentials({
        client: { id: clientId, secret: clientSecret },
        auth: { tokenHost: server.origin, tokenPath: '/token' },
        options: { authorizationMethod: place },
      })
      const { token } = await client.getToken({ scope: ['orders:read', 'orders:write'] })
      expect(await scopesSeenByOurGuard(String(token['access_token']))).toEqual([
        'orders:read',
        'orders:write',
      ])
    },
  )

  it('understands our refusals', async () => {
    const { clientId, clientSecret } = server.client
    const client = new ClientCredentials({
      client: { id: clientId, secret: clientSecret },
      auth: { tokenHost: server.origin, tokenPath: '/token' },
    })
    await expect(client.getToken({ scope: 'nothing:granted' })).rejects.toMatchObject({
      data: { payload: { error: 'invalid_scope' } },
    })
  })
})

describe('@badgateway/oauth2-client on our server', () => {
  const client = () =>
    new OAuth2Client({
      server: server.origin,
      discoveryEndpoint: '/.well-known/oauth-authorization-server',
      ...server.client,
    })

  it('obtains a token by discovery', async () => {
    const token = await client().clientCredentials({ scope: ['orders:read'], resource: API })
    expect(await scopesSeenByOurGuard(token.accessToken)).toEqual(['orders:read'])
  })

  it('calls an API of ours by its own fetch', async () => {
    const guard = createGuard({ issuer: server.issuer, audience: API })
    await using api = await startLoopbackServer(
      guarded(guard, { scope: { all: ['orders:read'] } }, (_request, { principal }) =>
        Response.json({ hello: principal.clientId }),
      ),
    )
    const wrapper = new OAuth2Fetch({
      client: client(),
      getNewToken: () => client().clientCredentials(),
    })
    const response = await wrapper.fetch(`${api.origin}/orders`)
    expect(await response.json()).toEqual({ hello: 'billing' })
  })

  it('understands our refusals', async () => {
    const wrong = new OAuth2Client({
      server: server.origin,
      tokenEndpoint: '/token',
      clientId: 'billing',
      clientSecret: 'wrong',
    })
    await expect(wrong.clientCredentials()).rejects.toMatchObject({ oauth2Code: 'invalid_client' })
  })
})
