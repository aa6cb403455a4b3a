import type { ServerResponse } from 'node:http'
import { createGuard, declareRule, type Guard } from '@countersign/guard'
import { guarded as guardExpress } from '@countersign/guard/express'
import { guarded as guardFastify } from '@countersign/guard/fastify'
import { guarded as guardHono } from '@countersign/guard/hono'
import { guarded as guardNode } from '@countersign/guard/node'
import fastifyJwt from '@fastify/jwt'
import express, { type RequestHandler } from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import fastify, { type onRequestAsyncHookHandler } from 'fastify'
import { Hono } from 'hono'
import { accessTokens, AUDIENCE, ISSUER, type AccessTokens } from '../lib/access-tokens.ts'
import { bareVerifier } from '../lib/bare-verify.ts'
import { announce } from '../lib/child-server.ts'
import { listen } from './form-server.ts'

// An API that answers one route, RS256. Arguments: what it is built on, and who checks tokens there.
const [stack = 'node', check = 'nobody'] = process.argv.slice(2)
const ANSWER = '{"orders":[{"id":1,"item":"kettle"}]}'
const rule = declareRule<'orders:read', 'client'>({ scope: { all: ['orders:read'] } })
const made = accessTokens('RS256', check === 'ours-unseen' || check === 'bare' ? 1000 : 50)

const STACKS: Readonly<Record<string, () => Promise<number>>> = {
  node: serveNode,
  fastify: serveFastify,
  express: serveExpress,
  hono: serveHono,
}
const port = await STACKS[stack]?.()
if (port === undefined) throw new Error(`no such stack: ${stack}`)
announce({ port, requests: made.tokens.map(requestText) })

function requestText(token: string): string {
  return `GET /orders HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n\r\n`
}

async function guardFor({ jwks }: AccessTokens): Promise<Guard<'orders:read'> | undefined> {
  if (!check.startsWith('ours')) return undefined
  const guard = createGuard<'orders:read'>({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}/jwks`,
    fetch: async () => Response.json(jwks),
    // With room for none of them, every token is one not seen before.
    ...(check === 'ours-unseen' && { tokenCache: { maxEntries: 2 } }),
  })
  await guard.ready()
  return guard
}

function answer(response: ServerResponse, status = 200): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': ANSWER.length,
  })
  response.end(ANSWER)
}

async function serveNode(): Promise<number> {
  const guard = await guardFor(made)
  if (guard !== undefined) return listen(guardNode(guard, rule, (_, response) => answer(response)))
  if (check === 'nobody') return listen((_, response) => answer(response))
  const verify = bareVerifier(made)
  return listen((request, response) => {
    const good = verify(request.headers.authorization?.slice(7) ?? '')
    answer(response, good ? 200 : 401)
  })
}

async function serveFastify(): Promise<number> {
  const app = fastify()
  const guard = await guardFor(made)
  if (check === 'peer') {
    await app.register(fastifyJwt, {
      secret: { public: made.pem },
      verify: { algorithms: ['RS256'], allowedIss: ISSUER, allowedAud: AUDIENCE, cache: true },
    })
  }
  const byPeer: onRequestAsyncHookHandler = async (request) => {
    await request.jwtVerify()
  }
  const hooks = check === 'peer' ? [byPeer] : guard ? [guardFastify(guard, rule)] : []
  app.get('/orders', { onRequest: hooks }, (_, reply) => {
    reply.header('content-type', 'application/json').send(ANSWER)
  })
  return portOf(await app.listen({ port: 0, host: '127.0.0.1' }))
}

async function serveExpress(): Promise<number> {
  const app = express().disable('x-powered-by').disable('etag')
  const guard = await guardFor(made)
  if (guard !== undefined) app.use('/orders', guardExpress(guard, rule))
  if (check === 'peer') app.use('/orders', await byExpressPeer())
  app.get('/orders', (_, response) => void response.type('json').send(ANSWER))
  return listen(app)
}

/** Its keys come from a server, which is this process. */
async function byExpressPeer(): Promise<RequestHandler> {
  const keys = await listen((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(made.jwks))
  })
  return auth({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `http://127.0.0.1:${keys}/jwks`,
    tokenSigningAlg: 'RS256',
  }) as RequestHandler
}

async function serveHono(): Promise<number> {
  const app = new Hono()
  const guard = await guardFor(made)
  if (guard !== undefined) app.use('/orders', guardHono(guard, rule))
  app.get('/orders', (c) => c.body(ANSWER, 200, { 'content-type': 'application/json' }))
  // The least that takes a request of node:http to a fetch handler and its answer back.
  return listen((request, response) => {
    const headers = new Headers({ authorization: request.headers.authorization ?? '' })
    const url = `http://127.0.0.1${request.url}`
    void Promise.resolve(app.fetch(new Request(url, { headers }))).then(async (answered) => {
      const body = await answered.text()
      response.writeHead(answered.status, { 'content-length': body.length })
      response.end(body)
    })
  })
}

function portOf(address: string): number {
  return Number(new URL(address).port)
}
