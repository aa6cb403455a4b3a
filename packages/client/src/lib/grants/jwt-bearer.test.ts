import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, importJWK, jwtVerify, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { good, server } from '../../../test/answering-endpoint.ts'
import { reuse } from '../reuse/reuse.ts'
import { jwtBearer, type JwtBearerOptions } from './jwt-bearer.ts'
import { signedAssertion } from './signed-assertion.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const NOW = 1_790_000_000_000

function makeKey(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    jwk: { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256' } as JsonWebKey,
    publicJwk: publicKey.export({ format: 'jwk' }) as JWK,
  }
}
const key = makeKey('current')
const next = makeKey('next')

/** A token endpoint that takes assertions of one key, by a clock `ahead` of ours. */
async function asking(
  options: Partial<JwtBearerOptions> & Pick<JwtBearerOptions, 'assertion'>,
  { known = key, ahead = 0 } = {},
) {
  const verifier = await importJWK(known.publicJwk, 'RS256')
  const date = new Date(NOW + ahead)
  const endpoint = await server(async (request) => {
    const form = new URLSearchParams(await request.text())
    const holds = await jwtVerify(form.get('assertion') ?? '', verifier, {
      currentDate: date,
    }).catch(() => undefined)
    const headers = { date: date.toUTCString() }
    return holds === undefined
      ? Response.json({ error: 'invalid_grant' }, { status: 400, headers })
      : Response.json(good, { headers })
  })
  const source = jwtBearer({
    tokenEndpoint: `${endpoint.origin}/token`,
    now: () => NOW,
    ...options,
  })
  const forms = () => endpoint.requests.map(({ body }) => new URLSearchParams(body))
  return { source, endpoint, forms }
}

const signed = (options: object = {}) =>
  signedAssertion({ key: key.jwk, iss: 'job@project.example', ...options })

describe('jwtBearer with signedAssertion', () => {
  it('trades a signed assertion for a token, and authenticates no client', async () => {
    const { source, endpoint, forms } = await asking({
      assertion: signed({ scopeClaim: true, sub: 'user', claims: { x: 1, iss: 'no' } }),
      scope: ['a', 'b'],
    })
    expect(await source()).toMatchObject({ type: 'Bearer', scope: ['a', 'b'] })
    const [form] = forms()
    expect([...(form ?? [])].map(([name]) => name)).toEqual(['grant_type', 'scope', 'assertion'])
    expect(form?.get('grant_type')).toBe(GRANT)
    expect(decodeJwt(form?.get('assertion') ?? '')).toEqual({
      x: 1,
      scope: 'a b',
      iss: 'job@project.example',
      sub: 'user',
      aud: `${endpoint.origin}/token`,
      jti: expect.any(String),
      iat: NOW / 1000 - 5,
      nbf: NOW / 1000 - 5,
      exp: NOW / 1000 + 60,
    })
    expect(endpoint.requests[0]?.headers.has('authorization')).toBe(false)
  })

  it('signs for the scopes that a call asks for, a fresh assertion each time', async () => {
    const { source, forms } = await asking({ assertion: signed({ scopeClaim: true }) })
    await source()
    await source({ scope: 'c' })
    const claims = forms().map((form) => decodeJwt(form.get('assertion') ?? ''))
    expect(claims.map(({ scope }) => scope)).toEqual([undefined, 'c'])
    expect(claims[0]?.jti).not.toBe(claims[1]?.jti)
    expect(claims[0]?.sub).toBe('job@project.example')
  })

  it('is for the issuer or for whom it is told', async () => {
    const issuer = await asking({
      issuer: 'https://as.example',
      assertion: signed({ audience: 'issuer' }),
    })
    await issuer.source()
    expect(decodeJwt(issuer.forms()[0]?.get('assertion') ?? '').aud).toBe('https://as.example')
    const told = await asking({ assertion: signed({ audience: 'https://login.example' }) })
    await told.source()
    expect(decodeJwt(told.forms()[0]?.get('assertion') ?? '').aud).toBe('https://login.example')
  })

  it('authenticates the client too where it has a credential, and names it where it has none', async () => {
    const secret = await asking({ assertion: signed(), clientId: 'c', clientSecret: 's' })
    await secret.source()
    expect(secret.endpoint.requests[0]?.headers.get('authorization')).toBe(`Basic ${btoa('c:s')}`)
    const named = await asking({ assertion: signed(), clientId: 'c' })
    await named.source()
    expect(named.forms()[0]?.get('client_id')).toBe('c')
  })

  it('tries the next key once after invalid_grant', async () => {
    const both = { assertion: signed({ key: () => [key.jwk, next.jwk] }) }
    const { source, forms } = await asking(both, { known: next })
    await source()
    expect(forms()).toHaveLength(2)
    const stranger = await asking(both, { known: makeKey('other') })
    await expect(stranger.source()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      oauth: { error: 'invalid_grant' },
      hint: expect.stringContaining('Check the assertion'),
    })
    expect(stranger.forms()).toHaveLength(2)
    const alone = await asking({ assertion: signed() }, { known: next })
    await expect(alone.source()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(alone.forms()).toHaveLength(1)
  })

  it.each([-300_000, -47_000, 90_000])(
    "learns the server's clock, %d ms from ours",
    async (ahead) => {
      const { source, forms } = await asking({ assertion: signed() }, { ahead })
      await source()
      await source()
      expect(forms()).toHaveLength(3)
    },
  )

  it('can be kept as any other source', async () => {
    const { source, forms } = await asking({ assertion: signed() })
    const kept = reuse(source, { now: () => NOW })
    await Promise.all([kept(), kept(), kept()])
    expect(forms()).toHaveLength(1)
  })
})

describe('jwtBearer', () => {
  it('sends what a function gives, and once more only if it gives another one', async () => {
    const same = await asking({ assertion: () => 'a.b.c' })
    await expect(same.source()).rejects.toMatchObject({ oauth: { error: 'invalid_grant' } })
    expect(same.forms()).toHaveLength(1)
    let count = 0
    const other = await asking({ assertion: async () => `a.b.${count++}` })
    await expect(other.source()).rejects.toMatchObject({ oauth: { error: 'invalid_grant' } })
    expect(other.forms()).toHaveLength(2)
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('marker-assertion')
      },
    ],
    ['gives undefined', () => undefined],
    ['gives two lines', () => 'marker-assertion\n.'],
    ['gives no text', () => ({ assertion: 'marker-assertion' })],
  ])('sends nothing where the function %s, and quotes nothing', async (_, assertion) => {
    const { source, forms } = await asking({ assertion: assertion as never })
    const failure: unknown = await source().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_CREDENTIAL', phase: 'credential' })
    expect(`${(failure as Error).stack} ${JSON.stringify(failure)}`).not.toContain('marker')
    expect(forms()).toEqual([])
  })

  it.each<[object | undefined, string]>([
    [undefined, 'options are required'],
    [{ tokenEndpoint: 'https://as.example' }, "'assertion' must be a function"],
    [{ assertion: signed() }, "give 'issuer', or 'tokenEndpoint'"],
    [
      { assertion: signed(), tokenEndpoint: 'https://as.example', clientSecret: 's' },
      "'clientId' is required",
    ],
    [{ assertion: signed(), assertions: 1 }, "did you mean 'assertion'?"],
  ])('refuses wrong options at once (%#)', (options, message) => {
    expect(() => jwtBearer(options as never)).toThrow(
      expect.objectContaining({ name: 'ArgumentError' }),
    )
    expect(() => jwtBearer(options as never)).toThrow(message)
  })
})

describe('signedAssertion', () => {
  it.each<[object, string]>([
    [{ key: key.jwk }, "'iss' is required"],
    [{ iss: 'x' }, "'key' must be a private JWK"],
    [{ key: key.jwk, iss: 'x', lifetime: 1 }, "'lifetime'"],
    [{ key: key.jwk, iss: 'x', scopeClaim: 'a' }, "'scopeClaim' must be true or false"],
    [{ key: key.jwk, iss: 'x', sup: 'a' }, "did you mean 'sub'?"],
  ])('refuses wrong options at once (%#)', (options, message) => {
    expect(() => signedAssertion(options as never)).toThrow(
      expect.objectContaining({ name: 'ArgumentError' }),
    )
    expect(() => signedAssertion(options as never)).toThrow(message)
  })
})
