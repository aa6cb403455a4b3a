import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client'
import * as openid from 'openid-client'
import { ClientCredentials } from 'simple-oauth2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  RESOURCE,
  startOurServerAndApi,
  type OurServerAndApi,
} from './servers/our-server-and-api.ts'

let server: OurServerAndApi
beforeAll(async () => {
  server = await startOurServerAndApi()
})
afterAll(() => server[Symbol.asyncDispose]())

/** The scopes that our API sees in a token that a stranger's client obtained. */
async function scopesSeenByOurApi(token: string): Promise<readonly string[]> {
  const answer = await fetch(server.api, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { readonly scopes: readonly string[] }).scopes
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
      resource: RESOURCE,
    })
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'orders:read' })
    expect(await scopesSeenByOurApi(tokens.access_token)).toEqual(['orders:read'])
  })

  it.each([
    [
      'private_key_jwt',
      async () => {
        const { publicKey, privateKey } = await crypto.subtle.generateKey(
          { name: 'ECDSA', namedCurve: 'P-256' },
          true,
          ['sign', 'verify'],
        )
        const jwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), alg: 'ES256' }
        await server.addClient('openid-keyed', {
          kind: 'public_key',
          publicKey: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, alg: jwk.alg },
        })
        return ['openid-keyed', openid.PrivateKeyJwt(privateKey)] as const
      },
    ],
    [
      'client_secret_jwt',
      async () => {
        const secret = await server.addClient('openid-hmac', { kind: 'secret', sealed: true })
        return ['openid-hmac', openid.ClientSecretJwt(secret)] as const
      },
    ],
  ])('obtains a token by discovery and %s', async (_, register) => {
    const [clientId, method] = await register()
    const config = await openid.discovery(new URL(server.issuer), clientId, undefined, method, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    })
    // Twice: each assertion is good for one request, so it must make another.
    for (let time = 0; time < 2; time++) {
      const tokens = await openid.clientCredentialsGrant(config, { scope: 'orders:read' })
      expect(await scopesSeenByOurApi(tokens.access_token)).toEqual(['orders:read'])
    }
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
        auth: { tokenHost: server.issuer, tokenPath: '/token' },
        options: { authorizationMethod: place },
      })
      const { token } = await client.getToken({ scope: ['orders:read', 'orders:write'] })
      expect(await scopesSeenByOurApi(String(token['access_token']))).toEqual([
        'orders:read',
        'orders:write',
      ])
    },
  )

  it('understands our refusals', async () => {
    const { clientId, clientSecret } = server.client
    const client = new ClientCredentials({
      client: { id: clientId, secret: clientSecret },
      auth: { tokenHost: server.issuer, tokenPath: '/token' },
    })
    await expect(client.getToken({ scope: 'nothing:granted' })).rejects.toMatchObject({
      data: { payload: { error: 'invalid_scope' } },
    })
  })
})

describe('@badgateway/oauth2-client on our server', () => {
  const client = () =>
    new OAuth2Client({
      server: server.issuer,
      discoveryEndpoint: '/.well-known/oauth-authorization-server',
      ...server.client,
    })

  it('obtains a token by discovery', async () => {
    const token = await client().clientCredentials({ scope: ['orders:read'], resource: RESOURCE })
    expect(await scopesSeenByOurApi(token.accessToken)).toEqual(['orders:read'])
  })

  it('calls an API of ours by its own fetch', async () => {
    const wrapper = new OAuth2Fetch({
      client: client(),
      getNewToken: () => client().clientCredentials(),
    })
    const response = await wrapper.fetch(server.api)
    expect(await response.json()).toMatchObject({ caller: 'billing' })
  })

  it('understands our refusals', async () => {
    const wrong = new OAuth2Client({
      server: server.issuer,
      tokenEndpoint: '/token',
      clientId: 'billing',
      clientSecret: 'wrong',
    })
    await expect(wrong.clientCredentials()).rejects.toMatchObject({ oauth2Code: 'invalid_client' })
  })
})
