import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseForm } from './form.ts'
import {
  formatTokenRequest,
  parseTokenRequest,
  TOKEN_REQUEST_PARAMETERS,
  type ParsedTokenRequest,
  type TokenRequestFault,
} from './token-request.ts'

function read(body: string): { ok: true; value: ParsedTokenRequest } | TokenRequestFault {
  const form = parseForm(body)
  if (!form.ok) throw new Error(form.reason)
  return parseTokenRequest(form.value)
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
const scopeToken = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,12}$/)
const message = fc.record(
  {
    grantType: text,
    scope: fc.uniqueArray(scopeToken, { maxLength: 5 }),
    resource: fc.uniqueArray(fc.webUrl({ withQueryParameters: true }), { maxLength: 3 }),
    audience: text,
    parameters: fc.dictionary(
      text.filter((name) => !TOKEN_REQUEST_PARAMETERS.includes(name)),
      text,
      { maxKeys: 4 },
    ),
  },
  { requiredKeys: ['grantType', 'scope', 'resource'] },
)

describe('formatTokenRequest and parseTokenRequest', () => {
  it('[std:6] [std:182] return the request they were given', () => {
    fc.assert(
      fc.property(message, (request) => {
        expect(read(formatTokenRequest(request))).toEqual({
          ok: true,
          value: {
            grantType: request.grantType,
            scope: request.scope,
            resource: request.resource,
            audience: request.audience,
            authorizationDetails: [],
          },
        })
      }),
    )
  })
})

describe('formatTokenRequest', () => {
  it('[std:6] [std:8] writes each parameter once, none empty, in a stable order', () => {
    const request = { grantType: 'client_credentials', scope: [], resource: [] }
    expect(formatTokenRequest(request)).toBe('grant_type=client_credentials')
    expect(
      formatTokenRequest({
        ...request,
        scope: ['a', 'b:c'],
        resource: ['https://one.example', 'urn:two'],
        audience: 'x',
        parameters: { tenant: 'ä' },
      }),
    ).toBe(
      'grant_type=client_credentials&scope=a+b%3Ac&resource=https%3A%2F%2Fone.example' +
        '&resource=urn%3Atwo&audience=x&tenant=%C3%A4',
    )
  })
})

describe('parseTokenRequest', () => {
  it.each([
    ['no grant type', 'scope=a', 'invalid_request', 'grant_type'],
    ['an empty grant type', 'grant_type=', 'invalid_request', 'grant_type'],
    ['two grant types', 'grant_type=a&grant_type=a', 'invalid_request', 'grant_type'],
    ['two scopes parameters', 'grant_type=a&scope=x&scope=y', 'invalid_request', 'scope'],
    ['two audiences', 'grant_type=a&audience=x&audience=y', 'invalid_request', 'audience'],
    ['a quote in scope', 'grant_type=a&scope=%22', 'invalid_scope', 'scope'],
    ['a line break in scope', 'grant_type=a&scope=a%0Ab', 'invalid_scope', 'scope'],
    [
      'broken details',
      'grant_type=a&authorization_details=%7B',
      'invalid_authorization_details',
      'authorization_details',
    ],
    [
      'two lists of details',
      'grant_type=a&authorization_details=%5B%5D&authorization_details=%5B%5D',
      'invalid_request',
      'authorization_details',
    ],
    ['a relative resource', 'grant_type=a&resource=/orders', 'invalid_target', 'resource'],
    ['a fragment', 'grant_type=a&resource=https://a.example%23b', 'invalid_target', 'resource'],
    [
      'one bad resource among good ones',
      'grant_type=a&resource=https://a.example&resource=b',
      'invalid_target',
      'resource',
    ],
  ])('[std:17] answers %s with the error that RFC 6749 gives', (_what, body, error, member) => {
    expect(read(body)).toMatchObject({ ok: false, error, member })
  })

  it('[std:17] ignores unknown parameters, repeated ones too', () => {
    expect(read('grant_type=a&x=1&x=2&__proto__=y')).toEqual({
      ok: true,
      value: {
        grantType: 'a',
        scope: [],
        resource: [],
        audience: undefined,
        authorizationDetails: [],
      },
    })
  })

  it('[std:182] keeps several resources, the same one once', () => {
    expect(read('grant_type=a&resource=urn:x&resource=urn:y&resource=urn:x')).toMatchObject({
      value: { resource: ['urn:x', 'urn:y'] },
    })
  })
})
