import { startListener } from '@countersign/testkit'
import express, { type ErrorRequestHandler } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Guard, Verdict } from '@countersign/guard'
import { guarded as expressGuarded } from '@countersign/guard/express'
import { guarded as fastifyGuarded } from '@countersign/guard/fastify'
import { guarded as fetchGuarded } from '@countersign/guard/fetch'
import { guarded as honoGuarded } from '@countersign/guard/hono'
import { guarded as koaGuarded } from '@countersign/guard/koa'
import { guarded as mcpGuarded } from '@countersign/guard/mcp'
import { guarded as nodeGuarded } from '@countersign/guard/node'
import { bearer, startScriptedIssuer } from './scripted-issuer.ts'

const RULE = { scope: { all: ['orders:read'] } } as const
const UNUSED = { statusCode: 200, headersSent: false, setHeader: stop, end: stop } as const

/** Calls the handler behind each adapter, and gives who was let in before the call came back. */
const ADAPTERS: Readonly<Record<string, (guard: Guard, token: string) => boolean>> = {
  node(guard, token) {
    let reached = false
    nodeGuarded(
      guard,
      RULE,
      () => void (reached = true),
    )(withToken(token) as never, { ...UNUSED } as never)
    return reached
  },
  express(guard, token) {
    let reached = false
    const response = { ...UNUSED, locals: {} as never }
    void expressGuarded(guard, RULE)(withToken(token), response, () => (reached = true))
    return reached
  },
  mcp(guard, token) {
    let reached = false
    void mcpGuarded(guard, RULE)(withToken(token), { ...UNUSED }, () => (reached = true))
    return reached
  },
  fastify(guard, token) {
    let reached = false
    // Fastify passes what goes on with the request; the type leaves it out, as for an async hook.
    const hook = fastifyGuarded(guard, RULE)
    const reply = { sent: false, code: stop, header: stop, send: stop }
    const call = [{ raw: withToken(token) }, reply, () => (reached = true)]
    void Reflect.apply(hook, undefined, call)
    return reached
  },
  koa(guard, token) {
    let reached = false
    const context = { req: withToken(token), headerSent: false, status: 404, body: '', set: stop }
    const next = async (): Promise<void> => void (reached = true)
    void koaGuarded(guard, RULE)({ ...context, state: {} as never }, next)
    return reached
  },
  hono(guard, token) {
    let reached = false
    const app = new Hono().use(honoGuarded(guard, RULE)).all('*', (c) => {
      reached = true
      return c.body(null)
    })
    void app.fetch(bearer(token))
    return reached
  },
  fetch(guard, token) {
    let reached = false
    const handler = fetchGuarded(guard, RULE, () => {
      reached = true
      return new Response()
    })
    void handler(bearer(token))
    return reached
  },
}

describe.each(Object.entries(ADAPTERS))('guarded for %s', (_, passes) => {
  it('reaches the handler within the same turn where nothing must be waited for', async () => {
    await using issuer = await startScriptedIssuer()
    const { guard, mint } = issuer
    await guard.ready()
    expect(passes(guard, mint.token())).toBe(true)
    const token = mint.token()
    expect([passes(guard, token), passes(guard, token)]).toEqual([true, true])
    const other = mint.token({ claims: { scope: 'orders:write' } })
    expect([passes(guard, other), passes(guard, other)]).toEqual([false, false])
    issuer.clock.advance(86_400_000)
    expect(passes(guard, token)).toBe(false)
  })

  it('asks a guard that wraps another, not the one inside', async () => {
    await using issuer = await startScriptedIssuer()
    const { guard, mint } = issuer
    await guard.ready()
    let asked = 0
    const refusing: Guard = Object.assign(async (...call: Parameters<Guard>): Promise<Verdict> => {
      asked++
      const verdict = await guard(...call)
      const reason = 'revoked'
      return verdict.allowed
        ? { allowed: false, status: 401, challenge: 'Bearer', reason }
        : verdict
    }, guard)
    expect(passes(refusing, mint.token())).toBe(false)
    expect({ asked, passed: passes(refusing, mint.token()) }).toEqual({ asked: 1, passed: false })
  })
})

describe('what a handler throws after a verdict in place', () => {
  it('is left to each framework', async () => {
    await using issuer = await startScriptedIssuer()
    const { guard, mint } = issuer
    await guard.ready()
    const authorization = `Bearer ${mint.token()}`
    const fail = (): never => {
      throw new Error('from the handler')
    }
    const call = async (origin: string): Promise<unknown> => {
      const response = await fetch(origin, { headers: { authorization } })
      return [response.status, await response.text()]
    }
    const caught = [418, 'from the handler']

    const byExpress: ErrorRequestHandler = (error: Error, _request, response, _next) =>
      void response.status(418).send(error.message)
    const onExpress = express().use(expressGuarded(guard, RULE)).use(fail).use(byExpress)
    await using served = await startListener(onExpress)
    expect(await call(served.origin)).toEqual(caught)

    await using onFastify = fastify({ forceCloseConnections: true })
    onFastify.setErrorHandler((error: Error, _, reply) => reply.code(418).send(error.message))
    onFastify.get('/', { onRequest: fastifyGuarded(guard, RULE) }, fail)
    expect(await call(await onFastify.listen({ host: '127.0.0.1', port: 0 }))).toEqual(caught)

    const onKoa = new Koa().use(async (context, next) => {
      await next().catch((error: Error) =>
        Object.assign(context, { status: 418, body: error.message }),
      )
    })
    const answer = onKoa.use(koaGuarded(guard, RULE)).use(fail).callback()
    await using koa = await startListener((request, response) => void answer(request, response))
    expect(await call(koa.origin)).toEqual(caught)

    const onHono = new Hono().onError((error, c) => c.text(error.message, 418))
    const hono = await onHono.all('/', honoGuarded(guard, RULE), fail).fetch(bearer(mint.token()))
    expect(hono.status).toBe(404)
    const found = await onHono.request('https://api.example/', { headers: { authorization } })
    expect([found.status, await found.text()]).toEqual(caught)

    await expect(fetchGuarded(guard, RULE, fail)(bearer(mint.token()))).rejects.toThrow('handler')
  })

  it('is an unhandled rejection on node:http, as from any async listener', async () => {
    await using issuer = await startScriptedIssuer()
    const { guard, mint } = issuer
    await guard.ready()
    const failure = new Error('from the handler')
    const unhandled = Promise.withResolvers<unknown>()
    process.on('unhandledRejection', unhandled.resolve)
    onTestFinished(() => void process.off('unhandledRejection', unhandled.resolve))
    const others = process
      .listeners('unhandledRejection')
      .filter((one) => one !== unhandled.resolve)
    for (const one of others) process.off('unhandledRejection', one)
    onTestFinished(() => others.forEach((one) => process.on('unhandledRejection', one)))
    await using api = await startListener(
      nodeGuarded(guard, RULE, (_, response) => {
        response.end()
        throw failure
      }),
    )
    const authorization = `Bearer ${mint.token()}`
    expect((await fetch(api.origin, { headers: { authorization } })).status).toBe(200)
    expect(await unhandled.promise).toBe(failure)
  })
})

function withToken(token: string): { readonly rawHeaders: readonly string[] } {
  return { rawHeaders: ['Host', 'api.example', 'Authorization', `Bearer ${token}`] }
}

function stop(): void {}
