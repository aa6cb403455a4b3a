import { createClient } from '@countersign/client'
import {
  startAuthorizationServer,
  startListener,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import express from 'express'
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const API = 'https://api.example.test/orders'

let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer()
})
afterAll(() => server.close())

function client(scope: string) {
  return createClient({ issuer: server.issuer, ...server.client, scope, resource: API })
}

describe('jose on our tokens', () => {
  it('verifies them by our JWKS, with every RFC 9068 claim in place [std:184] [std:185]', async () => {
    const { value } = await client('orders:read').getToken()
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
    const { payload, protectedHeader } = await jwtVerify(value, keys, {
      issuer: server.issuer,
      audience: API,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti', 'scope'],
    })
    expect(payload).toMatchObject({ sub: 'billing', client_id: 'billing', scope: 'orders:read' })
    expect(protectedHeader.kid).toEqual(expect.any(String))
  })

  it('still verifies old tokens after the signing key has changed', async () => {
    const before = await client('orders:read').getToken()
    await server.administration.rotateSigningKey({ announce: 0 })
    await server.server.refresh()
    const after = await client('orders:read').getToken()
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
    const kids = await Promise.all(
      [before, after].map(async ({ value }) => (await jwtVerify(value, keys)).protectedHeader.kid),
    )
    expect(kids[0]).not.toBe(kids[1])
  })
})

describe('express-oauth2-jwt-bearer on our tokens', () => {
  it('finds us by discovery and lets a token through by its scopes', async () => {
    const app = express()
    app.use(
      auth({ issuerBaseURL: server.issuer, audience: API, tokenSigningAlg: 'ES256', strict: true }),
    )
    app.get('/orders', requiredScopes('orders:read'), (_request, response) => {
      response.json({ orders: [] })
    })
    app.post('/orders', requiredScopes('orders:write'), (_request, response) => {
      response.status(201).end()
    })
    await using api = await startListener(app)
    const { fetch } = client('orders:read')
    expect((await fetch(`${api.origin}/orders`)).status).toBe(200)
    expect((await fetch(`${api.origin}/orders`, { method: 'POST' })).status).toBe(403)
    const { value } = await client('orders:read').getToken()
    const tampered = value.replace(/\.(.{20})./, (_, kept: string) => `.${kept}_`)
    const refused = await globalThis.fetch(`${api.origin}/orders`, {
      headers: { authorization: `Bearer ${tampered}` },
    })
    expect(refused.status).toBe(401)
  })
})
