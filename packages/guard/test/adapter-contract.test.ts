import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { startListener, startLoopbackServer } from '@countersign/testkit'
import { guardContract } from '@countersign/testkit/contracts'
import { guarded as expressGuarded } from '@countersign/guard/express'
import { guarded as fastifyGuarded } from '@countersign/guard/fastify'
import { guarded as fetchGuarded } from '@countersign/guard/fetch'
import { guarded as honoGuarded } from '@countersign/guard/hono'
import { guarded as koaGuarded } from '@countersign/guard/koa'
import { guarded as mcpGuarded, type GuardedAuthInfo } from '@countersign/guard/mcp'
import { guarded as nodeGuarded } from '@countersign/guard/node'

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
