import { describe, expect, it } from 'vitest'
import { client } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from './client-credentials.ts'

describe('clientCredentials: wrong options', () => {
  const fine = { ...client, tokenEndpoint: 'https://as.example/token' }
  it.each<[Record<string, unknown> | undefined, string]>([
    [undefined, 'options are required'],
    [{ ...client }, "give 'issuer', or 'tokenEndpoint'"],
    [{ ...fine, clientId: undefined }, "'clientId' is required"],
    [{ ...fine, clientId: '' }, "'clientId' must not be empty"],
    [{ ...fine, clientSecret: undefined }, "read it with fromEnv('CLIENT_SECRET')"],
    [{ ...fine, clientSecret: '' }, "'clientSecret' must not be empty"],
    [{ ...fine, clientSecrets: 'x' }, "did you mean 'clientSecret'?"],
    [{ ...fine, scopes: ['a'] }, "did you mean 'scope'?"],
    [{ ...fine, zzz: 1 }, "unknown option 'zzz'; known are issuer"],
    [{ ...fine, authMethod: 'client_secret_basics' }, "'authMethod' must be 'client_secret_basic'"],
    [{ ...fine, basicEncoding: 'plain' }, 'one of form, raw'],
    [{ ...fine, clientId: 'a:b', basicEncoding: 'raw' }, 'colon'],
    [{ ...fine, scope: ['a b'] }, "'scope[0]'"],
    [{ ...fine, scope: 'a"b' }, "'scope' holds"],
    [{ ...fine, scope: 5 }, "'scope' must be a string"],
    [{ ...fine, resource: '/orders' }, "'resource' must be an absolute URI"],
    [{ ...fine, resource: 'https://a.example/#x' }, 'fragment'],
    [{ ...fine, tokenEndpoint: 'http://as.example/token' }, 'must be https'],
    [{ ...fine, tokenEndpoint: '/token' }, 'not an absolute URL'],
    [{ ...fine, tokenEndpoint: 'https://as.example/token#x' }, 'no fragment'],
    [{ ...fine, tokenEndpoint: 'https://u:p@as.example/token' }, 'user name or password'],
    [{ ...client, issuer: 'https://as.example?x=1' }, 'no query'],
    [{ ...fine, parameters: { client_secret: 'x' } }, "must not hold 'client_secret'"],
    [{ ...fine, parameters: { x: 1 } }, "'parameters.x' must be a string"],
    [{ ...fine, timeout: 0 }, 'from 1 to'],
    [{ ...fine, timeout: NaN }, "'timeout' must be a number"],
    [{ ...fine, fetch: {} }, "'fetch' must be a function"],
  ])('are refused at once, named, with the cure (%#)', (options, message) => {
    const make = () => clientCredentials(options as never)
    expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
    expect(make).toThrow(message)
  })
})
