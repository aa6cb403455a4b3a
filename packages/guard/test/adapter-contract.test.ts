import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { startListener, startLoopbackServer } from '@countersign/testkit'
import { guardContract, proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { guarded as expressGuarded } from '@countersign/guard/express'
import { guarded as fastifyGuarded } from '@countersign/guard/fastify'
import { guarded as fetchGuarded } from '@countersign/guard/fetch'
import { guarded as honoGuarded } from '@countersign/guard/hono'
import { guarded as koaGuarded } from '@countersign/guard/koa'
import { guarded as mcpGuarded, type GuardedAuthInfo } from '@countersign/guard/mcp'
import { guarded as nodeGuarded } from '@countersign/guard/node'
import { startScriptedIssuer } from './scripted-issuer.ts'

guardContract('@countersign/guard/fetch', (guard, rule, reply) =>
  startLoopbackServer(fetchGuarded(guard, rule, (_, caller) => new Response(reply(caller)))),
)

guardContract('@countersign/guard/node', (guard, rule, reply) =>
  startListener(
    nodeGuarded(guard, rule, (_, response, caller) => {
      response.end(reply(caller))
    }),
  ),
)

guardContract('@countersign/guard/express', (guard, rule, reply) => {
  const app = express()
  app.use(expressGuarded(guard, rule), (_, response) => {
    const { principal, token } = response.locals
    response.send(reply({ allowed: true, principal, token }))
  })
  return startListener(app)
})

guardContract('@countersign/guard/fastify', async (guard, rule, reply) => {
  const app = fastify({ forceCloseConnections: true })
  const orders = fastifyGuarded(guard, rule)
  app.addHook('onRequest', orders)
  app.all('/', (request) => reply(orders.callerOf(request)))
  const origin = await app.listen({ host: '127.0.0.1', port: 0, listenTextResolver: () => '' })
  const close = (): Promise<void> => app.close()
  return { origin, requests: [], close, [Symbol.asyncDispose]: close }
})

guardContract('@countersign/guard/hono', (guard, rule, reply) => {
  const app = new Hono().use(honoGuarded(guard, rule))
  const guardedApp = app.all('/', (c) => c.text(reply({ allowed: true, ...c.var })))
  return startLoopbackServer(async (request) => guardedApp.fetch(request))
})

guardContract('@countersign/guard/koa', (guard, rule, reply) => {
  const app = new Koa()
  app.silent = true
  app.use(koaGuarded(guard, rule)).use((context) => {
    context.body = reply({ allowed: true, ...context.state })
  })
  const callback = app.callback()
  return startListener((request, response) => void callback(request, response))
})

guardContract('@countersign/guard/mcp', (guard, rule, reply) => {
  const app = express()
  app.use(mcpGuarded(guard, rule), (request, response) => {
    // The SDK declares `auth` for Express; this folder does not know the SDK.
    const { auth } = request as unknown as { readonly auth: GuardedAuthInfo }
    response.send(reply({ allowed: true, ...auth.extra }))
  })
  return startListener(app)
})

describe('guarded of each adapter', () => {
  it.each([
    ['express', expressGuarded],
    ['fastify', fastifyGuarded],
    ['fetch', fetchGuarded],
    ['hono', honoGuarded],
    ['koa', koaGuarded],
    ['mcp', mcpGuarded],
    ['node', nodeGuarded],
  ])('refuses what is no guard where the route is declared: %s', (_name, guarded) => {
    const declare = guarded as (...given: readonly unknown[]) => unknown
    for (const guard of [undefined, null, {}, { scope: { all: ['orders:read'] } }]) {
      expect(() => declare(guard, {}, () => {})).toThrow("guarded: 'guard' must be a guard")
    }
  })
})

describe('guarded for Express under a mount path', () => {
  it('compares a DPoP proof with the whole path that the client called', async () => {
    await using issuer = await startScriptedIssuer({ dpop: {} })
    const app = express()
    app.use('/orders', expressGuarded(issuer.guard, {}), (_, response) => {
      response.send('allowed')
    })
    await using api = await startListener(app)
    const key = proofMint()
    const token = issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
    const call = (htu: string): Promise<Response> =>
      fetch(`${api.origin}/orders/1`, {
        headers: {
          authorization: `DPoP ${token}`,
          dpop: key.proof(htu, token, issuer.clock.now()),
        },
      })
    expect((await call('https://api.example/orders/1')).status).toBe(200)
    expect((await call('https://api.example/1')).status).toBe(401)
  })
})
