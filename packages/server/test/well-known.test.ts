import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { metadataUrls, parseAuthorizationServerMetadata, parseIssuer } from '@countersign/protocol'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'

const METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
]
const ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256', 'HS256']

let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer({ path: '/tenant/one' })
})
afterAll(() => server.close())

describe('the metadata endpoint', () => {
  it('[std:81] [std:157] [std:161] [std:162] [std:165] answers at the three well-known places of an issuer with a path', async () => {
    const issuer = parseIssuer(server.issuer)
    if (!issuer.ok) throw new Error(issuer.reason)
    const urls = metadataUrls(issuer.value)
    expect(urls).toEqual([
      `${server.origin}/.well-known/oauth-authorization-server/tenant/one`,
      `${server.origin}/.well-known/openid-configuration/tenant/one`,
      `${server.origin}/tenant/one/.well-known/openid-configuration`,
    ])
    for (const url of urls) {
      const response = await fetch(url)
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'application/json',
      ])
      const body: unknown = await response.json()
      expect(parseAuthorizationServerMetadata(body, server.issuer).ok).toBe(true)
      expect(body).toEqual({
        issuer: server.issuer,
        token_endpoint: `${server.issuer}/token`,
        jwks_uri: `${server.issuer}/jwks`,
        grant_types_supported: ['client_credentials'],
        token_endpoint_auth_methods_supported: METHODS,
        introspection_endpoint: `${server.issuer}/introspect`,
        introspection_endpoint_auth_methods_supported: METHODS,
        introspection_signing_alg_values_supported: ['ES256'],
        revocation_endpoint: `${server.issuer}/revoke`,
        countersign_revocation_feed: `${server.issuer}/revocations`,
        countersign_usage_endpoint: `${server.issuer}/usage`,
        revocation_endpoint_auth_methods_supported: METHODS,
        dpop_signing_alg_values_supported: ALGORITHMS.slice(0, -1),
        // [std:163]
        token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
        introspection_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
        revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      })
    }
  })

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${server.issuer}/.well-known/openid-configuration`, {
      method: 'HEAD',
    })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})

describe('the jwks endpoint', () => {
  it('[std:164] publishes public keys for signatures, for five minutes', async () => {
    const response = await fetch(`${server.issuer}/jwks`)
    expect(response.headers.get('cache-control')).toBe('max-age=300')
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] }
    expect(keys).toHaveLength(1)
    expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'].toSorted(),
    )
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
  })
})

describe('an authorization server answers', () => {
  it('404 in JSON at any other path', async () => {
    for (const path of ['/', '/token', '/tenant/one/token/', '/tenant/one/Token', '/%00']) {
      const response = await fetch(server.origin + path, { method: 'POST' })
      expect([path, response.status]).toEqual([path, 404])
      expect(await response.json()).toMatchObject({ error: 'not_found' })
    }
  })

  it('[std:18] 405 in JSON with Allow to any other method', async () => {
    const rows = [
      ['/token', 'GET', 'POST'],
      ['/token', 'OPTIONS', 'POST'],
      ['/token', 'PUT', 'POST'],
      ['/introspect', 'GET', 'POST'],
      ['/revoke', 'GET', 'POST'],
      ['/revocations', 'POST', 'GET, HEAD'],
      ['/usage', 'GET', 'POST'],
      ['/health/ready', 'POST', 'GET, HEAD'],
      ['/jwks', 'POST', 'GET, HEAD'],
      ['/.well-known/openid-configuration', 'DELETE', 'GET, HEAD'],
    ] as const
    for (const [path, method, allow] of rows) {
      const response = await fetch(server.issuer + path, { method })
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, allow])
      expect(await response.json()).toMatchObject({ error: 'invalid_request' })
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })
})
