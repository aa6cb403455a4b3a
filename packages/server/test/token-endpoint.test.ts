import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'
import { INVOICES, ORDERS, startTwoApis } from './two-apis.ts'

let server: RunningAuthorizationServer
let billing: RunningAuthorizationServer['client']
beforeAll(async () => {
  server = await startTwoApis()
  billing = server.client
})
afterAll(() => server.close())

describe('the token endpoint', () => {
  it('[std:14] issues a token to a client that authenticates by Basic', async () => {
    const { status, json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { scope: 'orders:read' },
    })
    expect(status).toBe(200)
    expect(json).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'orders:read',
    })
  })

  it('issues a token to a client that authenticates in the body', async () => {
    const { status, json } = await postToken(server.tokenEndpoint, {
      form: {
        client_id: billing.clientId,
        client_secret: billing.clientSecret,
        scope: 'orders:read',
      },
    })
    expect([status, json['scope']]).toEqual([200, 'orders:read'])
  })

  it('reads Basic credentials that are form-encoded to the last character', async () => {
    const encode = (text: string): string =>
      Array.from(text, (one) => `%${one.charCodeAt(0).toString(16)}`).join('')
    const { status } = await postToken(server.tokenEndpoint, {
      basic: { clientId: encode(billing.clientId), clientSecret: encode(billing.clientSecret) },
      form: { scope: 'orders:read' },
    })
    expect(status).toBe(200)
  })

  it('takes a client_id in the body beside Basic when it is the same', async () => {
    const { status } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { client_id: billing.clientId, scope: 'orders:read' },
    })
    expect(status).toBe(200)
  })

  it('[std:184] [std:185] [std:187] signs a token that jose verifies over the published keys', async () => {
    const before = Math.floor(Date.now() / 1000)
    const { json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { resource: INVOICES },
    })
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
    const { payload, protectedHeader } = await jwtVerify(String(json['access_token']), keys, {
      issuer: server.issuer,
      audience: INVOICES,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    })
    expect(Object.keys(payload).toSorted()).toEqual([
      'aud',
      'client_id',
      'credential_id',
      'exp',
      'iat',
      'iss',
      'jti',
      'scope',
      'sub',
    ])
    expect(payload).toMatchObject({
      aud: INVOICES,
      sub: 'billing',
      client_id: 'billing',
      scope: 'invoices:read list',
    })
    expect(payload.iat).toBeGreaterThanOrEqual(before)
    // Whole seconds are counted in the token's favour: it lives as long as `expires_in` promises.
    expect((payload.exp ?? 0) - (payload.iat ?? 0) - 60).toBeOneOf([0, 1])
    expect(protectedHeader.kid).toMatch(/^[\w-]{43}$/)
  })

  it('gives every token an identifier of its own', async () => {
    const ask = { basic: billing, form: { scope: 'orders:read' } }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => postToken(server.tokenEndpoint, ask)),
    )
    expect(new Set(answers.map(({ json }) => json['access_token'])).size).toBe(20)
  })

  it('[std:19] [std:20] grants every granted scope where none is asked for, and says which', async () => {
    const { json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { resource: ORDERS },
    })
    expect(json['scope']).toBe('orders:read list')
  })

  it('takes audience for the name of the resource', async () => {
    const { json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { audience: ORDERS, scope: 'list' },
    })
    expect(audienceOf(json)).toBe(ORDERS)
  })

  it('finds the resource by the scopes where only one granted resource has them all', async () => {
    const { json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { scope: 'list invoices:read' },
    })
    expect(audienceOf(json)).toBe(INVOICES)
  })

  it('[std:17] takes an empty parameter for an absent one and ignores unknown ones', async () => {
    const { status, json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { resource: ORDERS, scope: '', audience: '', colour: 'blue' },
    })
    expect([status, json['scope']]).toEqual([200, 'orders:read list'])
  })

  it('[std:23] forbids caches to keep a token', async () => {
    const { headers } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { resource: ORDERS },
    })
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('pragma')).toBe('no-cache')
  })

  it('[std:22] issues no refresh token', async () => {
    const { json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { resource: ORDERS },
    })
    expect(json).not.toHaveProperty('refresh_token')
  })

  it('tells its listener who got what', async () => {
    const { json } = await postToken(server.tokenEndpoint, {
      basic: billing,
      form: { scope: 'orders:read' },
    })
    const [, claims = ''] = String(json['access_token']).split('.')
    const { jti, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      jti: string
      exp: number
    }
    expect(server.events.at(-1)).toMatchObject({
      type: 'token.issued',
      clientId: 'billing',
      method: 'client_secret_basic',
      resource: ORDERS,
      scope: ['orders:read'],
      jti,
      expiresAt: exp * 1000,
    })
  })
})

function audienceOf(json: Record<string, unknown>): unknown {
  const [, claims = ''] = String(json['access_token']).split('.')
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: unknown }).aud
}
