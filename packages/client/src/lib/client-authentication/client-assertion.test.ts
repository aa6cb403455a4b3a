import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { handClock } from '@countersign/testkit'
import { good, server } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import { privateKeyJwt } from './private-key-jwt.ts'

const NOW = 1_790_000_000_000
const SECRET = 'a secret of thirty-two bytes or so'
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'key-1' } as JsonWebKey
const publicJwk = pair.publicKey.export({ format: 'jwk' }) as JWK

const METHODS: readonly [
  string,
  (options?: object) => ClientAuthentication,
  () => Promise<CryptoKey | Uint8Array>,
][] = [
  [
    'private_key_jwt',
    (options) => privateKeyJwt({ key: jwk, ...options }),
    async () => importJWK(publicJwk, 'ES256'),
  ],
  [
    'client_secret_jwt',
    (options) => clientSecretJwt({ clientSecret: SECRET, ...options }),
    async () => new TextEncoder().encode(SECRET),
  ],
]

/** A token endpoint that refuses what a clock of its own finds too early or too late. */
async function endpoint(authentication: ClientAuthentication, options: object = {}, ahead = 0) {
  const clock = handClock(NOW)
  const started = await server(() => {
    const date = new Date(clock.now() + ahead)
    const form = new URLSearchParams(started.requests.at(-1)?.body)
    const { iat = 0, exp = 0, nbf = 0 } = decodeJwt(form.get('client_assertion') ?? '')
    const time = date.getTime() / 1000
    const fits = iat <= time && nbf <= time && exp > time
    return fits
      ? Response.json(good, { headers: { date: date.toUTCString() } })
      : Response.json(
          { error: 'invalid_client' },
          { status: 401, headers: { date: date.toUTCString() } },
        )
  })
  onTestFinished(() => started.close())
  const source = clientCredentials({
    tokenEndpoint: `${started.origin}/token`,
    clientId: 'billing',
    clientAuthentication: authentication,
    now: clock.now,
    ...options,
  })
  const forms = () => started.requests.map(({ body }) => new URLSearchParams(body))
  const assertions = () => forms().map((form) => form.get('client_assertion') ?? '')
  return { source, started, forms, assertions, clock }
}

describe.each(METHODS)('%s', (_, make, keyOf) => {
  it('puts one assertion into the form, and names the client beside it [std:111] [std:112]', async () => {
    const { source, started, forms } = await endpoint(make())
    await source()
    expect([...(forms()[0] ?? [])].map(([name]) => name)).toEqual([
      'grant_type',
      'client_id',
      'client_assertion_type',
      'client_assertion',
    ])
    expect(forms()[0]?.get('client_id')).toBe('billing')
    expect(forms()[0]?.get('client_assertion_type')).toBe(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    )
    expect(started.requests[0]?.headers.has('authorization')).toBe(false)
  })

  it('says who, for whom and for how long, as jose verifies [std:113] [std:114] [std:115]', async () => {
    const { source, assertions } = await endpoint(make(), { issuer: 'https://as.example/tenant/' })
    await source()
    const { payload, protectedHeader } = await jwtVerify(assertions()[0] ?? '', await keyOf(), {
      issuer: 'billing',
      subject: 'billing',
      audience: 'https://as.example/tenant/',
      typ: 'client-authentication+jwt',
      currentDate: new Date(NOW),
    })
    expect(payload).toEqual({
      iss: 'billing',
      sub: 'billing',
      aud: 'https://as.example/tenant/',
      jti: expect.stringMatching(/^[\w-]{22,}$/),
      iat: NOW / 1000 - 5,
      nbf: NOW / 1000 - 5,
      exp: NOW / 1000 + 60,
    })
    expect(Object.keys(protectedHeader)).not.toContain('jwk')
  })

  it('has the token endpoint as audience where told, or where no issuer is known', async () => {
    const unknown = await endpoint(make())
    await unknown.source()
    expect(decodeJwt(unknown.assertions()[0] ?? '').aud).toBe(`${unknown.started.origin}/token`)
    const told = await endpoint(make({ audience: 'token_endpoint' }), {
      issuer: 'https://as.example',
    })
    await told.source()
    expect(decodeJwt(told.assertions()[0] ?? '').aud).toBe(`${told.started.origin}/token`)
    const other = await endpoint(make({ audience: 'urn:as' }), { issuer: 'https://as.example' })
    await other.source()
    expect(decodeJwt(other.assertions()[0] ?? '').aud).toBe('urn:as')
  })

  it('has the typ and lifetime it is told [std:115]', async () => {
    const { source, assertions } = await endpoint(make({ typ: 'JWT', lifetime: 240_000 }))
    await source()
    expect(decodeProtectedHeader(assertions()[0] ?? '').typ).toBe('JWT')
    expect(decodeJwt(assertions()[0] ?? '').exp).toBe(NOW / 1000 + 240)
    const untyped = await endpoint(make({ typ: null }))
    await untyped.source()
    expect(decodeProtectedHeader(untyped.assertions()[0] ?? '')).not.toHaveProperty('typ')
  })

  it('makes a fresh assertion for every request [std:116]', async () => {
    const { source, assertions } = await endpoint(make())
    await Promise.all(Array.from({ length: 20 }, () => source()))
    expect(new Set(assertions().map((text) => decodeJwt(text).jti)).size).toBe(20)
  })

  it('makes a fresh assertion where a sender constraint asks for one more try [std:116]', async () => {
    let learned = 0
    const { source, assertions } = await endpoint(make(), {
      senderConstraint: {
        tokenType: 'Bearer',
        binding: async () => 'test',
        headers: async () => ({}),
        learn: () => learned++ === 0,
      },
    })
    await source()
    const jtis = assertions().map((text) => decodeJwt(text).jti)
    expect(jtis).toHaveLength(2)
    expect(new Set(jtis).size).toBe(2)
    // The retry's answer may hold the next nonce.
    expect(learned).toBe(2)
  })

  it.each([1000, 4000])('needs no second try when our clock is %d ms ahead', async (by) => {
    const { source, assertions } = await endpoint(make(), {}, -by)
    await source()
    expect(assertions()).toHaveLength(1)
  })

  it.each([-300_000, -47_000, 90_000, 300_000])(
    "learns the server's clock, %d ms from ours, from its refusal, within the same call",
    async (ahead) => {
      const { source, assertions } = await endpoint(make(), {}, ahead)
      await source()
      expect(assertions()).toHaveLength(2)
      const [wrong, right] = assertions().map((text) => decodeJwt(text))
      expect(wrong?.jti).not.toBe(right?.jti)
      expect((right?.iat ?? 0) - (wrong?.iat ?? 0)).toBeGreaterThanOrEqual(ahead / 1000 - 1)
      await source()
      expect(assertions()).toHaveLength(3)
    },
  )

  it('gives up after one more try when the clock is not what is wrong', async () => {
    const { source, assertions } = await endpoint(make(), {}, 86_400_000)
    await expect(source()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      oauth: { error: 'invalid_client' },
      hint: expect.stringContaining("set audience to 'token_endpoint'"),
    })
    expect(assertions()).toHaveLength(1)
    let hour = 0
    const wandering = await server(() =>
      Response.json(
        { error: 'invalid_client' },
        { status: 401, headers: { date: new Date(NOW + ++hour * 60_000).toUTCString() } },
      ),
    )
    const lost = clientCredentials({
      tokenEndpoint: wandering.origin,
      clientId: 'billing',
      clientAuthentication: make(),
      now: () => NOW,
    })
    await expect(lost()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(wandering.requests).toHaveLength(2)
  })

  it.each([
    [{ audience: '' }, "'audience'"],
    [{ audience: 5 }, "'audience'"],
    [{ lifetime: 0 }, "'lifetime' must be a number from 1000"],
    [{ lifetime: 3_600_001 }, "'lifetime'"],
    [{ typ: 'at+jwt' }, "'typ'"],
    [{ audiences: 'x' }, "did you mean 'audience'?"],
  ])('refuses wrong options at once: %j', (options, message) => {
    expect(() => make(options)).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
    expect(() => make(options)).toThrow(message)
  })
})
