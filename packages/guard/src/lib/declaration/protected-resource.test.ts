import { parseChallenges } from '@countersign/protocol'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Guard } from '../guard/create-guard.ts'
import { protectedResource } from './protected-resource.ts'
import type { ProtectedResourceOptions } from './protected-resource-options.ts'

const options = {
  resource: 'https://api.example.com/orders',
  authorizationServers: ['https://auth.example.com'],
  scopes: { 'orders:read': 'Read orders', 'orders:write': 'Change orders' },
} as const
const METADATA = 'https://api.example.com/.well-known/oauth-protected-resource/orders'

function parametersOf(challenge: string | undefined) {
  const parsed = parseChallenges(challenge ?? '')
  return parsed.ok ? parsed.value[0]?.parameters : undefined
}

describe('protectedResource', () => {
  it('gives the metadata document [std:169] [std:170]', () => {
    const { metadata, metadataUrl } = protectedResource({
      ...options,
      resourceName: 'Orders',
      resourceDocumentation: 'https://docs.example.com/orders',
      resourcePolicyUri: 'https://example.com/policy',
      resourceTosUri: 'https://example.com/terms',
    })
    expect(metadataUrl).toBe(METADATA)
    expect(metadata).toEqual({
      resource: 'https://api.example.com/orders',
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['orders:read', 'orders:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Orders',
      resource_documentation: 'https://docs.example.com/orders',
      resource_policy_uri: 'https://example.com/policy',
      resource_tos_uri: 'https://example.com/terms',
    })
  })

  it('leaves out a list that would be empty [std:169]', () => {
    expect(protectedResource({ ...options, scopes: {} }).metadata).toEqual({
      resource: 'https://api.example.com/orders',
      authorization_servers: ['https://auth.example.com'],
      bearer_methods_supported: ['header'],
    })
  })

  it('says how senders are bound, as its guard will have it [std:170] [std:171]', async () => {
    const dpop = { algorithms: ['ES256', 'EdDSA'] } as const
    const bound = protectedResource({ ...options, dpop, binding: 'required' })
    expect(bound.metadata).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
      dpop_bound_access_tokens_required: true,
    })
    const denied = await bound.guard()(new Request(options.resource))
    expect(denied).toHaveProperty(
      'challenge',
      `DPoP realm="${options.resource}", resource_metadata="${METADATA}", algs="ES256 EdDSA"`,
    )
    const both = protectedResource({
      ...options,
      dpop,
      certificates: 'connection',
      binding: 'required',
    })
    expect(both.metadata).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
    expect(both.metadata).not.toHaveProperty('dpop_bound_access_tokens_required')
    expect(() => protectedResource({ ...options, binding: 'required' })).toThrow(
      "'binding' cannot be",
    )
  })

  it.each([
    // The example of RFC 9728 section 3.1.
    ['https://resource.example.com/resource1', 'https://resource.example.com', '/resource1'],
    ['https://api.example.com', 'https://api.example.com', ''],
    ['https://api.example.com/', 'https://api.example.com', ''],
    ['https://api.example.com/v1', 'https://api.example.com', '/v1'],
    ['https://api.example.com/v1/', 'https://api.example.com', '/v1/'],
    ['https://api.example.com:8443/a/b', 'https://api.example.com:8443', '/a/b'],
    ['https://api.example.com/v1//a/', 'https://api.example.com', '/v1//a/'],
    ['https://api.example.com/a%2Fb', 'https://api.example.com', '/a%2Fb'],
    ['http://127.0.0.1:8080/orders', 'http://127.0.0.1:8080', '/orders'],
  ])(
    'publishes the metadata of %s at the well-known place [field:47]',
    (resource, origin, path) => {
      const { metadata, metadataUrl } = protectedResource({ ...options, resource })
      expect(metadataUrl).toBe(`${origin}/.well-known/oauth-protected-resource${path}`)
      expect(metadata['resource']).toBe(resource)
    },
  )

  it('names the metadata in the challenges of its guard [std:171]', async () => {
    const guard = protectedResource(options).guard()
    const verdicts = [
      await guard(new Request(options.resource), { scope: { all: ['orders:read'] } }),
      await guard(new Request(options.resource, { headers: { authorization: 'Bearer junk' } })),
      await guard(new Request(options.resource, { headers: { authorization: 'Bearer a b' } })),
    ]
    const seen = verdicts.map((verdict) =>
      verdict.allowed
        ? 'allowed'
        : [verdict.status, parametersOf(verdict.challenge)?.get('resource_metadata')],
    )
    expect(seen).toEqual([
      [401, METADATA],
      [401, METADATA],
      [400, METADATA],
    ])
    const [first] = verdicts
    expect(first?.allowed === false && parametersOf(first.challenge)?.get('scope')).toBe(
      'orders:read',
    )
  })

  it('types its guard by the scopes declared', () => {
    const orders = protectedResource(options)
    expectTypeOf(orders.guard()).toEqualTypeOf<Guard<'orders:read' | 'orders:write'>>()
    // @ts-expect-error a scope that was not declared
    void orders.guard()(new Request(options.resource), { scope: { all: ['orders:raed'] } })
    const { security } = orders.openApiSecurity({ tokenUrl: 'https://auth.example.com/token' })
    // @ts-expect-error a scope that was not declared
    expect(() => security({ scope: { all: ['orders:raed'] } })).toThrow('was not declared')
  })

  it('asks which issuer where there are several, and takes no other', () => {
    const authorizationServers = ['https://auth.example.com', 'https://login.example.com']
    const orders = protectedResource({ ...options, authorizationServers })
    expect(() => orders.guard()).toThrow("'issuer' must be one of the authorization servers")
    expect(() => orders.guard({ issuer: 'https://evil.example' })).toThrow("'issuer' must be one")
    expect(orders.guard({ issuer: 'https://login.example.com' })).toBeTypeOf('function')
  })

  it.each([
    ['resource', undefined, 'is required'],
    ['resource', 'http://api.example.com', 'must be https'],
    ['resource', 'https://api.example.com/#part', 'must have no fragment'],
    ['resource', 'https://api.example.com/?a=b', 'must have no query'],
    ['resource', 'urn:example:orders', 'must be https'],
    ['authorizationServers', 'https://auth.example.com', 'must be a list'],
    ['authorizationServers', [], 'must name at least one'],
    ['authorizationServers[0]', ['http://auth.example.com'], 'must be https'],
    ['scopes', ['orders:read'], 'must be an object'],
    ['scopes.orders read', { 'orders read': 'Read' }, 'must be named by one scope'],
    ['scopes.orders:read', { 'orders:read': '' }, 'must not be empty'],
    ['resourceTosUri', 'javascript:alert(1)', 'must be https'],
    ['resorce', 'https://api.example.com', "did you mean 'resource'?"],
  ])('refuses a wrong %s', (option, value, reason) => {
    const name = option.replace(/[.[].*$/, '')
    const wrong = { ...options, [name]: value } as unknown as ProtectedResourceOptions
    let thrown: unknown
    try {
      protectedResource(wrong)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ name: 'ArgumentError', option })
    expect(thrown).toHaveProperty('message', expect.stringContaining(reason))
  })
})

describe('openApiSecurity', () => {
  const orders = protectedResource(options)

  it('gives the scheme and what each route requires of it', () => {
    const { securitySchemes, security } = orders.openApiSecurity({
      tokenUrl: 'https://auth.example.com/token',
    })
    expect(securitySchemes).toEqual({
      oauth2: {
        type: 'oauth2',
        flows: {
          clientCredentials: {
            tokenUrl: 'https://auth.example.com/token',
            scopes: { 'orders:read': 'Read orders', 'orders:write': 'Change orders' },
          },
        },
      },
    })
    expect(security()).toEqual([{ oauth2: [] }])
    expect(security({ scope: { all: ['orders:read', 'orders:write'] } })).toEqual([
      { oauth2: ['orders:read', 'orders:write'] },
    ])
    expect(security({ scope: { any: ['orders:read', 'orders:write'] } })).toEqual([
      { oauth2: ['orders:read'] },
      { oauth2: ['orders:write'] },
    ])
  })

  it('takes another name for the scheme, as OpenAPI allows them', () => {
    const tokenUrl = 'https://auth.example.com/token'
    const { securitySchemes, security } = orders.openApiSecurity({ tokenUrl, name: 'machines' })
    expect(Object.keys(securitySchemes)).toEqual(['machines'])
    expect(security()).toEqual([{ machines: [] }])
    expect(() => orders.openApiSecurity({ tokenUrl, name: 'two words' })).toThrow("'name' may hold")
    expect(() => orders.openApiSecurity({ tokenUrl: '/token' })).toThrow("'tokenUrl' is not an")
    expect(() => security({ scope: { all: [] } })).toThrow('must not be empty')
  })
})
