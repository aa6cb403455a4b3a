import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import fastifyJwt, { type TokenOrHeader } from '@fastify/jwt'
import { createClient } from '@countersign/client'
import { dpop } from '@countersign/client/sender-constraint'
import { nodeListener } from '@countersign/server/node'
import { startListener } from '@countersign/testkit'
import { JwtRsaVerifier } from 'aws-jwt-verify'
import { SimpleFetcher } from 'aws-jwt-verify/https'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import express from 'express'
import { auth, requiredScopes, type AuthOptions } from 'express-oauth2-jwt-bearer'
import fastify, { type FastifyInstance } from 'fastify'
import buildGetJwks from 'get-jwks'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  EC_API,
  RSA_API,
  startOurIssuer,
  statusesAt,
  type OurIssuer,
} from './servers/presented-tokens.ts'
import { makeTestPki } from './servers/test-pki.ts'

let our: OurIssuer
beforeAll(async () => {
  our = await startOurIssuer()
})
afterAll(() => our[Symbol.asyncDispose]())

function client(senderConstraint?: ReturnType<typeof dpop>) {
  const { issuer, running } = our
  const options = { issuer, ...running.client, scope: 'orders:read', resource: EC_API }
  return createClient({ ...options, ...(senderConstraint && { senderConstraint }) })
}

describe('jose on our tokens', () => {
  it('verifies them by our JWKS, with every RFC 9068 claim in place [std:184] [std:185]', async () => {
    const keys = createRemoteJWKSet(new URL(`${our.issuer}/jwks`))
    for (const [audience, algorithm] of [
      [EC_API, 'ES256'],
      [RSA_API, 'RS256'],
    ] as const) {
      const { payload, protectedHeader } = await jwtVerify(our.tokens[audience].good, keys, {
        issuer: our.issuer,
        audience,
        typ: 'at+jwt',
        algorithms: [algorithm],
        requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti', 'scope'],
      })
      expect(payload).toMatchObject({ sub: 'billing', client_id: 'billing', scope: 'orders:read' })
      expect(protectedHeader.kid).toEqual(expect.any(String))
    }
  })

  it('still verifies old tokens after the signing key has changed', async () => {
    await using rotated = await startOurIssuer()
    const { running, issuer, tokens } = rotated
    await running.administration.rotateSigningKey({ announce: 0 })
    await running.server.refresh()
    const options = { issuer, ...running.client, resource: EC_API }
    const { value } = await createClient(options).getToken()
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    const kids = await Promise.all(
      [tokens[EC_API].good, value].map(
        async (token) => (await jwtVerify(token, keys)).protectedHeader.kid,
      ),
    )
    expect(kids[0]).not.toBe(kids[1])
  })
})

describe('express-oauth2-jwt-bearer on our tokens', () => {
  async function startApi(options: AuthOptions = {}) {
    const app = express()
    app.use(
      auth({
        issuerBaseURL: our.issuer,
        audience: EC_API,
        tokenSigningAlg: 'ES256',
        strict: true,
        ...options,
      }),
    )
    app.get('/orders', requiredScopes('orders:read'), (_request, response) => {
      response.json({ orders: [] })
    })
    const api = await startListener(app)
    onTestFinished(() => api.close())
    return `${api.origin}/orders`
  }

  it('finds us by discovery, and tells good tokens from bad ones', async () => {
    expect(await statusesAt(await startApi(), our.tokens[EC_API])).toEqual({
      none: 401,
      good: 200,
      tampered: 401,
      'without the scope': 403,
      'for another API': 401,
      'of another issuer': 401,
      expired: 401,
      bound: 401,
    })
  })

  it('takes our bound tokens with the proofs of our client, and no others', async () => {
    const url = await startApi({ dpop: { required: true } })
    expect((await client(dpop()).fetch(url)).status).toBe(200)
    const { good, bound } = our.tokens[EC_API]
    async function ask(scheme: string, token: string, proof?: string): Promise<number> {
      const headers = { authorization: `${scheme} ${token}`, ...(proof && { dpop: proof }) }
      return (await fetch(url, { headers })).status
    }
    const proof = (token = bound, at = url): string => our.key.proof(at, token, Date.now())
    expect(await ask('DPoP', bound, proof())).toBe(200)
    // A missing proof is a malformed request to it, and the scheme `Bearer` another one.
    expect(await ask('DPoP', bound)).toBe(400)
    expect(await ask('DPoP', bound, proof(good))).toBe(400)
    expect(await ask('DPoP', bound, proof(bound, `${url}/other`))).toBe(400)
    expect(await ask('DPoP', good, proof(good))).toBe(401)
    expect(await ask('Bearer', bound, proof())).toBe(400)
  })

  it('takes one proof again and again, which it should not: it keeps no replays', async () => {
    const url = await startApi({ dpop: { required: true } })
    const { bound } = our.tokens[EC_API]
    const headers = {
      authorization: `DPoP ${bound}`,
      dpop: our.key.proof(url, bound, Date.now()),
    }
    const statuses = []
    for (let call = 0; call < 3; call++) statuses.push((await fetch(url, { headers })).status)
    expect(statuses).toEqual([200, 200, 200])
  })
})

describe('@fastify/jwt with get-jwks on our tokens', () => {
  let api: FastifyInstance
  let url: string
  beforeAll(async () => {
    const getJwks = buildGetJwks({ providerDiscovery: true, issuersWhitelist: [`${our.issuer}/`] })
    api = fastify()
    await api.register(fastifyJwt, {
      decode: { complete: true },
      verify: {
        allowedIss: our.issuer,
        allowedAud: EC_API,
        algorithms: ['ES256'],
        requiredClaims: ['exp'],
      },
      // Its type knows no complete tokens, which `decode.complete` asks for.
      secret: (_request: unknown, token: TokenOrHeader) => {
        const { header, payload } = token as Extract<TokenOrHeader, { header: unknown }>
        const { kid, alg } = header as { kid: string; alg: string }
        return getJwks.getPublicKey({ kid, alg, domain: (payload as { iss: string }).iss })
      },
    })
    api.get('/orders', async (request, reply) => {
      const { scope } = await request.jwtVerify<{ scope: string }>()
      return scope.split(' ').includes('orders:read') ? { orders: [] } : reply.code(403).send()
    })
    url = `${await api.listen({ host: '127.0.0.1', port: 0 })}/orders`
  })
  afterAll(() => api.close())

  it('finds our keys by the issuer of the token, and tells good tokens from bad ones', async () => {
    const { bound: _bound, ...others } = await statusesAt(url, our.tokens[EC_API])
    expect(others).toEqual({
      none: 401,
      good: 200,
      tampered: 401,
      'without the scope': 403,
      'for another API': 401,
      // Its list of issuers refuses the fetch, and it takes that for a fault of its own.
      'of another issuer': 500,
      expired: 401,
    })
  })

  it('takes a bound token as a bearer token, which it should not: it does not know cnf', async () => {
    expect(await statusesAt(url, our.tokens[EC_API])).toMatchObject({ bound: 200 })
  })
})

const pki = await makeTestPki()

describe.runIf(pki !== undefined)('aws-jwt-verify on our tokens', () => {
  async function startApi(): Promise<string> {
    const { ca = '', server: identity } = pki ?? {}
    // It loads keys over TLS only, wherever the issuer is.
    const front = createServer({ ...identity }, nodeListener(our.running.server))
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const { port } = front.address() as AddressInfo
    const fetcher = new SimpleFetcher({ defaultRequestOptions: { ca } })
    const verifier = JwtRsaVerifier.create(
      {
        issuer: our.issuer,
        audience: RSA_API,
        jwksUri: `https://127.0.0.1:${port}/jwks`,
        scope: 'orders:read',
      },
      { jwksCache: new SimpleJwksCache({ fetcher }) },
    )
    const api = await startListener((request, response) => {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      void verifier.verify(token).then(
        () => response.end(),
        // It throws and says nothing of statuses: those are the API's.
        (error: Error) => response.writeHead(/scope/i.test(error.message) ? 403 : 401).end(),
      )
    })
    onTestFinished(async () => {
      await api.close()
      front.closeAllConnections()
      await new Promise((resolve) => front.close(resolve))
    })
    return api.origin
  }

  it('tells good RS256 tokens from bad ones, by our JWKS over TLS', async () => {
    const { bound: _bound, ...others } = await statusesAt(await startApi(), our.tokens[RSA_API])
    expect(others).toEqual({
      none: 401,
      good: 200,
      tampered: 401,
      'without the scope': 403,
      'for another API': 401,
      'of another issuer': 401,
      expired: 401,
    })
  })

  it('takes a bound token as a bearer token, which it should not: it does not know cnf', async () => {
    const statuses = await statusesAt(await startApi(), our.tokens[RSA_API])
    expect(statuses).toMatchObject({ bound: 200 })
  })
})
