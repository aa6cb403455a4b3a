import { createHash, generateKeyPairSync } from 'node:crypto'
import { importJWK, jwtVerify, decodeProtectedHeader, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { good, server } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import { privateKeyJwt, type PrivateKeyJwtOptions } from './private-key-jwt.ts'

function makeKey(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    jwk: { ...privateKey.export({ format: 'jwk' }), kid } as JsonWebKey,
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    publicJwk: publicKey.export({ format: 'jwk' }) as JWK,
  }
}

const current = makeKey('current')
const next = makeKey('next')
const third = makeKey('third')

/** A token endpoint that knows one key. */
async function knowing({ publicJwk }: typeof current) {
  const key = await importJWK(publicJwk, 'ES256')
  return server(async (request) => {
    const form = new URLSearchParams(await request.text())
    const holds = await jwtVerify(form.get('client_assertion') ?? '', key).catch(() => undefined)
    return holds === undefined
      ? Response.json({ error: 'invalid_client' }, { status: 401 })
      : Response.json(good)
  })
}

async function asking(known: typeof current, options: PrivateKeyJwtOptions) {
  const endpoint = await knowing(known)
  const source = clientCredentials({
    tokenEndpoint: endpoint.origin,
    clientId: 'billing',
    clientAuthentication: privateKeyJwt(options),
  })
  const headers = () =>
    endpoint.requests.map(({ body }) =>
      decodeProtectedHeader(new URLSearchParams(body).get('client_assertion') ?? ''),
    )
  return { source, headers }
}

describe('privateKeyJwt', () => {
  it('names the key by its own kid, or by the one it is told', async () => {
    const own = await asking(current, { key: current.jwk })
    await own.source()
    expect(own.headers()).toEqual([
      { typ: 'client-authentication+jwt', kid: 'current', alg: 'ES256' },
    ])
    const told = await asking(current, { key: current.jwk, kid: 'told' })
    await told.source()
    expect(told.headers()[0]?.kid).toBe('told')
    const none = await asking(current, { key: current.pem })
    await none.source()
    expect(none.headers()[0]).not.toHaveProperty('kid')
  })

  it('names the certificate of the key, given as PEM or DER', async () => {
    const der = new Uint8Array([0x30, 3, 2, 1, 5])
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`
    for (const certificate of [der, pem]) {
      const { source, headers } = await asking(current, { key: current.jwk, certificate })
      await source()
      expect(headers()[0]?.['x5t#S256']).toBe(createHash('sha256').update(der).digest('base64url'))
    }
    for (const certificate of ['', 'hello', new Uint8Array(), 5]) {
      const make = () => privateKeyJwt({ key: current.jwk, certificate: certificate as string })
      expect(make).toThrow("privateKeyJwt: 'certificate' must be a PEM text or DER bytes")
    }
  })

  it.each<[string, PrivateKeyJwtOptions['key']]>([
    ['keys', () => [current.jwk, next.jwk]],
    ['texts', async () => [current.pem, next.pem]],
    ['keys made anew at each reading', () => structuredClone([current.jwk, next.jwk])],
    [
      'keys with names',
      () => [
        { key: current.pem, kid: 'a' },
        { key: next.pem, kid: 'b' },
      ],
    ],
  ])('tries the next key once after a refusal: %s', async (_, key) => {
    const { source, headers } = await asking(next, { key })
    await source()
    expect(headers()).toHaveLength(2)
  })

  it('tries each key once, and no key twice', async () => {
    const { source, headers } = await asking(third, { key: () => [current.jwk, next.jwk] })
    await expect(source()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(headers().map(({ kid }) => kid)).toEqual(['current', 'next'])
    const alone = await asking(third, { key: current.jwk })
    await expect(alone.source()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(alone.headers()).toHaveLength(1)
  })

  it('comes to an end with a source that gives another key each time', async () => {
    const { source, headers } = await asking(third, {
      key: () => ({ alg: 'ES256', sign: async () => new Uint8Array(64) }),
    })
    await expect(source()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(headers()).toHaveLength(4)
  })

  it('finds a key that was replaced a moment ago', async () => {
    const keys = [current.jwk, next.jwk]
    const { source, headers } = await asking(next, { key: () => keys.shift() ?? next.jwk })
    await source()
    expect(headers().map(({ kid }) => kid)).toEqual(['current', 'next'])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error(`marker ${current.pem}`)
      },
    ],
    ['gives nothing', () => undefined],
    ['gives an empty list', () => []],
    ['gives a public key', () => current.publicJwk],
    ['gives damaged PEM', () => current.pem.slice(0, 100)],
  ])('sends nothing when the source of the key %s, and quotes nothing', async (_, key) => {
    const { source, headers } = await asking(current, { key: key as never })
    const failure: unknown = await source().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_CREDENTIAL', phase: 'credential', retryable: false })
    const text = `${(failure as Error).stack} ${JSON.stringify(failure)}`
    expect(text).not.toContain('marker')
    expect(text).not.toContain(current.pem.slice(40, 80))
    expect(headers()).toEqual([])
  })

  it('has a fingerprint that changes with the key and its name, and does not show it', async () => {
    const print = (options: PrivateKeyJwtOptions) => privateKeyJwt(options).fingerprint()
    const base = await print({ key: current.jwk })
    expect(base).toMatch(/^\d{1,3}(,\d{1,3}){31}$/)
    expect(await print({ key: () => structuredClone(current.jwk) })).toBe(base)
    expect(await print({ key: next.jwk })).not.toBe(base)
    expect(await print({ key: current.jwk, kid: 'x' })).not.toBe(base)
    expect(await print({ key: () => [current.jwk, next.jwk] })).not.toBe(base)
  })

  it('refuses a wrong key at once where it is given as it is', () => {
    expect(() => privateKeyJwt({ key: current.publicJwk })).toThrow(
      "privateKeyJwt: 'key' is a JWK without its private half",
    )
    expect(() => privateKeyJwt({} as never)).toThrow("'key' must be a private JWK")
    expect(() => privateKeyJwt({ key: current.jwk, kid: '' })).toThrow("'kid' must not be empty")
    const key = () => current.jwk
    expect(() => privateKeyJwt({ key, alg: 'es256' as never })).toThrow("'alg' must be 'ES256'")
    expect(() => privateKeyJwt({ key, certificate: 'x' })).toThrow("'certificate' must be")
  })
})
