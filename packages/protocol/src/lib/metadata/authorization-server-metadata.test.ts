import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatAuthorizationServerMetadata,
  parseAuthorizationServerMetadata,
} from './authorization-server-metadata.ts'

const ISSUER = 'https://as.example'
const DOCUMENT = {
  issuer: ISSUER,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  grant_types_supported: ['client_credentials'],
  scopes_supported: ['orders:read'],
  x_unknown: { any: 'thing' },
}

describe('parseAuthorizationServerMetadata and formatAuthorizationServerMetadata', () => {
  it('return the document they were given, unknown members included', () => {
    const names = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 })
    const document = fc.record(
      {
        issuer: fc.constant(ISSUER),
        token_endpoint: fc.webUrl({ validSchemes: ['https'] }),
        jwks_uri: fc.webUrl({ validSchemes: ['https'] }),
        token_endpoint_auth_methods_supported: names,
        grant_types_supported: names,
        scopes_supported: names,
        x_unknown: fc.anything().filter((value) => value !== undefined && !Array.isArray(value)),
      },
      { requiredKeys: ['issuer', 'token_endpoint_auth_methods_supported'] },
    )
    fc.assert(
      fc.property(document, (members) => {
        const metadata = parseAuthorizationServerMetadata(members, ISSUER)
        expect(metadata.ok && formatAuthorizationServerMetadata(metadata.value)).toEqual(members)
      }),
    )
  })
})

describe('parseAuthorizationServerMetadata', () => {
  it('reads the members that matter', () => {
    expect(parseAuthorizationServerMetadata(DOCUMENT, ISSUER)).toEqual({
      ok: true,
      value: {
        issuer: ISSUER,
        tokenEndpoint: `${ISSUER}/token`,
        mtlsTokenEndpoint: undefined,
        jwksUri: `${ISSUER}/jwks`,
        tokenEndpointAuthMethods: ['client_secret_basic', 'client_secret_post'],
        grantTypes: ['client_credentials'],
        scopes: ['orders:read'],
        all: DOCUMENT,
      },
    })
  })

  it('[std:159] takes Basic as the method where the document says none', () => {
    const { issuer, token_endpoint } = DOCUMENT
    expect(parseAuthorizationServerMetadata({ issuer, token_endpoint }, ISSUER)).toMatchObject({
      value: { tokenEndpointAuthMethods: ['client_secret_basic'] },
    })
  })

  it.each([
    ['a trailing slash', 'https://as.example/'],
    ['another case', 'https://AS.example'],
    ['another port', 'https://as.example:443'],
    ['another server', 'https://evil.example'],
    ['a blank', 'https://as.example '],
    ['nothing', undefined],
    ['a list', [ISSUER]],
  ])('[std:158] refuses an issuer with %s', (_what, issuer) => {
    expect(parseAuthorizationServerMetadata({ ...DOCUMENT, issuer }, ISSUER)).toMatchObject({
      ok: false,
      member: 'issuer',
    })
  })

  it.each([
    ['token_endpoint', 'http://as.example/token'],
    ['token_endpoint', 'https://as.example/token#fragment'],
    ['token_endpoint', '/token'],
    ['token_endpoint', 7],
    ['jwks_uri', 'http://as.example/jwks'],
    ['jwks_uri', 'file:///etc/passwd'],
    ['grant_types_supported', 'client_credentials'],
    ['grant_types_supported', [7]],
    ['scopes_supported', { 0: 'a' }],
    ['token_endpoint_auth_methods_supported', ['client_secret_basic', null]],
  ])('[std:5] [std:160] [std:164] refuses %s %j', (member, value) => {
    expect(
      parseAuthorizationServerMetadata({ ...DOCUMENT, [member]: value }, ISSUER),
    ).toMatchObject({ ok: false, member })
  })

  it('[std:5] keeps the query of an endpoint', () => {
    const token_endpoint = 'https://as.example/token?tenant=a'
    expect(parseAuthorizationServerMetadata({ ...DOCUMENT, token_endpoint }, ISSUER)).toMatchObject(
      { value: { tokenEndpoint: token_endpoint } },
    )
  })

  it.each([null, [], 'text', 7])('refuses %j in place of a document', (body) => {
    expect(parseAuthorizationServerMetadata(body, ISSUER)).toMatchObject({ member: 'body' })
  })
})

describe('formatAuthorizationServerMetadata', () => {
  it('[std:162] leaves out empty lists', () => {
    const document = formatAuthorizationServerMetadata({
      issuer: ISSUER,
      tokenEndpoint: `${ISSUER}/token`,
      mtlsTokenEndpoint: undefined,
      jwksUri: undefined,
      tokenEndpointAuthMethods: [],
      grantTypes: undefined,
      scopes: [],
      all: { response_types_supported: [] },
    })
    expect(document).toEqual({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` })
  })
})
