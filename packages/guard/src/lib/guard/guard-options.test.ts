import { describe, expect, it } from 'vitest'
import { readGuardOptions, type GuardOptions } from './guard-options.ts'

const good: GuardOptions = { issuer: 'https://as.example', audience: 'https://api.example/orders' }

describe('createGuard options', () => {
  it('fills in the defaults', () => {
    expect(readGuardOptions(good)).toMatchObject({
      audience: ['https://api.example/orders'],
      realm: 'https://api.example/orders',
      clockTolerance: 5000,
      timeout: 5000,
      staleFor: 3_600_000,
      tokenCache: { maxEntries: 10_000, maxBytes: 33_554_432 },
      issuers: [
        {
          issuer: 'https://as.example',
          audience: ['https://api.example/orders'],
          profile: { name: 'rfc9068' },
          algorithms: new Set(['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256']),
        },
      ],
    })
  })

  it.each([
    [undefined, 'options'],
    [{ ...good, tokenCache: null }, 'tokenCache'],
    [{ ...good, tokenCache: true }, 'tokenCache'],
    [{ ...good, tokenCache: { maxAge: 1 } }, 'tokenCache.maxAge'],
    [{ ...good, tokenCache: { maxEntries: 1 } }, 'tokenCache.maxEntries'],
    [{ ...good, tokenCache: { maxEntries: Infinity } }, 'tokenCache.maxEntries'],
    [{ ...good, tokenCache: { maxBytes: '1' } }, 'tokenCache.maxBytes'],
    [{ ...good, issuer: undefined }, 'issuer'],
    [{ ...good, issuer: '' }, 'issuer'],
    [{ ...good, issuer: 'http://as.example' }, 'issuer'],
    [{ ...good, issuer: 'https://as.example?x' }, 'issuer'],
    [{ ...good, audience: undefined }, 'audience'],
    [{ ...good, audience: [] }, 'audience'],
    [{ ...good, audience: ['a', ''] }, 'audience[1]'],
    [{ ...good, audience: /api/ }, 'audience'],
    [{ ...good, audience: [/api/] }, 'audience[0]'],
    [{ ...good, issuer: /as/ }, 'issuer'],
    [{ ...good, issuer: ['https://as.example'] }, 'issuer'],
    [{ ...good, algorithms: /ES/ }, 'algorithms'],
    [{ ...good, algorithms: [/ES/] }, 'algorithms[0]'],
    [{ ...good, optional: true }, 'optional'],
    [{ ...good, credentialsRequired: false }, 'credentialsRequired'],
    [{ ...good, jwksUri: 'http://as.example/jwks' }, 'jwksUri'],
    [{ ...good, jwksUri: '/jwks' }, 'jwksUri'],
    [{ ...good, resourceMetadata: 'http://api.example/about' }, 'resourceMetadata'],
    [{ ...good, algorithms: [] }, 'algorithms'],
    [{ ...good, algorithms: 'ES256' }, 'algorithms'],
    [{ ...good, algorithms: ['ES256', 'none'] }, 'algorithms[1]'],
    [{ ...good, algorithms: ['HS256'] }, 'algorithms[0]'],
    [{ ...good, algorithms: [undefined] }, 'algorithms[0]'],
    [{ ...good, clockTolerance: Number.NaN }, 'clockTolerance'],
    [{ ...good, clockTolerance: Infinity }, 'clockTolerance'],
    [{ ...good, clockTolerance: 60_001 }, 'clockTolerance'],
    [{ ...good, clockTolerance: '5' }, 'clockTolerance'],
    [{ ...good, clockTolerance: -Infinity }, 'clockTolerance'],
    [{ ...good, staleFor: -1 }, 'staleFor'],
    [{ ...good, staleFor: Number.NaN }, 'staleFor'],
    [{ ...good, timeout: Infinity }, 'timeout'],
    [{ ...good, timeout: 0 }, 'timeout'],
    [{ ...good, binding: 'bound' }, 'binding'],
    [{ ...good, binding: 'required' }, 'binding'],
    [{ ...good, dpop: true }, 'dpop'],
    [{ ...good, dpop: null }, 'dpop'],
    [{ ...good, dpop: { base: 'a' } }, 'dpop.base'],
    [{ ...good, dpop: { baseUrl: 'http://api.example' } }, 'dpop.baseUrl'],
    [{ ...good, dpop: { baseUrl: 'https://api.example?a' } }, 'dpop.baseUrl'],
    [{ ...good, audience: 'orders', dpop: {} }, 'dpop.baseUrl'],
    [{ ...good, dpop: { baseUrl: [] } }, 'dpop.baseUrl'],
    [{ ...good, dpop: { baseUrl: ['https://api.example', 'api'] } }, 'dpop.baseUrl[1]'],
    [{ ...good, dpop: { baseUrl: ['https://api.example/#a'] } }, 'dpop.baseUrl[0]'],
    [{ ...good, dpop: { algorithms: [] } }, 'dpop.algorithms'],
    [{ ...good, dpop: { algorithms: ['HS256'] } }, 'dpop.algorithms'],
    [{ ...good, dpop: { maxAge: 0 } }, 'dpop.maxAge'],
    [{ ...good, dpop: { clockTolerance: 60_001 } }, 'dpop.clockTolerance'],
    [{ ...good, dpop: { nonce: 'required' } }, 'dpop.nonce'],
    [{ ...good, dpop: { nonces: {} } }, 'dpop.nonces.secrets'],
    [{ ...good, dpop: { nonces: { secrets: ['short'] } } }, 'dpop.nonces.secrets[0]'],
    [{ ...good, dpop: { replay: {} } }, 'dpop.replay'],
    [{ ...good, dpop: { maxRemembered: 0 } }, 'dpop.maxRemembered'],
    [{ ...good, certificates: 'header' }, 'certificates'],
    [{ ...good, certificates: null }, 'certificates'],
    [{ ...good, certificates: { format: 'xfcc' } }, 'certificates.trustedProxies'],
    [{ ...good, introspection: null }, 'introspection'],
    [{ ...good, introspection: {} }, 'introspection.clientId'],
    [{ ...good, introspection: { clientId: 'a' } }, 'introspection.clientSecret'],
    [
      { ...good, introspection: { clientId: 'a', clientSecret: 'b', authorize: () => '' } },
      'introspection.clientSecret',
    ],
    [{ ...good, introspection: { clientId: 'a', authorize: 'b' } }, 'introspection.authorize'],
    ...[
      { endpoint: 'http://as.example/introspect' },
      { tokens: 'jwt' },
      { signed: 'yes' },
      { maxAge: -1 },
      { maxAge: Number.NaN },
      { maxAge: Infinity },
      { maxInactiveAge: 60_001 },
      { maxEntries: 0 },
      { fetch: 'fetch' },
      { cache: {} },
    ].map((wrong): [unknown, string] => [
      { ...good, introspection: { clientId: 'a', clientSecret: 'b', ...wrong } },
      `introspection.${Object.keys(wrong)[0]}`,
    ]),
    [{ ...good, realm: 'line\nbreak' }, 'realm'],
    [{ ...good, audience: 'bücher' }, 'realm'],
    [{ ...good, fetch: 'fetch' }, 'fetch'],
    [{ ...good, now: 0 }, 'now'],
    [{ ...good, reportOnly: 'yes' }, 'reportOnly'],
    [{ ...good, onEvent: 'log' }, 'onEvent'],
    [{ ...good, onEvent: null }, 'onEvent'],
  ])('refuses %j, naming %s [field:7, 27, 28, 30, 40]', (options, option) => {
    expect(() => readGuardOptions(options as GuardOptions)).toThrow(
      expect.objectContaining({ name: 'ArgumentError', option }),
    )
  })

  it('gives the place of the metadata in ASCII, as a challenge has to be', () => {
    const resourceMetadata = 'https://bücher.example/übrig'
    expect(readGuardOptions({ ...good, resourceMetadata }).resourceMetadata).toBe(
      'https://xn--bcher-kva.example/%C3%BCbrig',
    )
  })

  it('names the nearest option and the nearest algorithm', () => {
    const misspelt = (options: object) => () => readGuardOptions(options as GuardOptions)
    expect(misspelt({ ...good, audiance: 'a' })).toThrow("did you mean 'audience'?")
    expect(misspelt({ ...good, algorithms: ['es256'] })).toThrow("did you mean 'ES256'?")
  })

  it('sends nobody from a shared secret to the name of a key that looks like it', () => {
    expect(() => readGuardOptions({ ...good, algorithms: ['HS256'] } as never)).toThrow(
      'a guard checks by public keys alone, so let the issuer sign with one of ES256,',
    )
    expect(() => readGuardOptions({ ...good, algorithms: ['ES265'] } as never)).toThrow(
      "did you mean 'ES256'?",
    )
  })
})
