import fastify from 'fastify'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createGuard } from '../guard/create-guard.ts'
import type { ClientPrincipal, Principal, UserPrincipal } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'
import { guarded } from './fastify-guarded.ts'
import { openGuard } from '../../../test/open-guard.ts'

const guard = createGuard<'orders:read'>({
  issuer: 'https://as.example',
  audience: 'https://api.example',
})

describe('guarded for Fastify', () => {
  it('types the caller by the rule, and keeps the types of the route', () => {
    const app = fastify()
    const readOrders = guarded(guard, { scope: { all: ['orders:read'] } })
    app.get<{ Params: { id: string } }>('/orders/:id', { onRequest: readOrders }, (request) => {
      expectTypeOf(request.params.id).toEqualTypeOf<string>()
      expectTypeOf(readOrders.callerOf(request).principal).toEqualTypeOf<ClientPrincipal>()
      expectTypeOf(readOrders.callerOf(request).token).toEqualTypeOf<VerifiedToken>()
    })
    const users = guarded(guard, { principal: 'user' })
    app.get('/me', { preHandler: [users] }, (request) => {
      expectTypeOf(users.callerOf(request).principal).toEqualTypeOf<UserPrincipal>()
    })
    const anyone = guarded(guard, { principal: 'any' })
    app.addHook('onRequest', anyone)
    expectTypeOf(anyone.callerOf).returns.toHaveProperty('principal').toEqualTypeOf<Principal>()
    // @ts-expect-error a scope that this API does not have
    guarded(guard, { scope: { all: ['orders:raed'] } })
    expect(app).toHaveProperty('inject')
  })

  it('refuses before the body is read, and shows the answer to onSend', async () => {
    await using app = fastify()
    const sent: number[] = []
    let parsed = 0
    app.addHook('preParsing', async () => void parsed++)
    app.addHook('onSend', async (_, reply) => void sent.push(reply.statusCode))
    app.post('/orders', { onRequest: guarded(guard, {}) }, () => 'reached')
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    const response = await fetch(`${origin}/orders`, { method: 'POST', body: '{not json' })
    expect(response.status).toBe(401)
    expect({ sent, parsed }).toEqual({ sent: [401], parsed: 0 })
  })

  it('fails a route that asks for a caller without having the guard before it', async () => {
    await using app = fastify()
    const orders = guarded(openGuard, {})
    app.get('/guarded', { onRequest: orders }, (request) => orders.callerOf(request).principal)
    app.get('/forgotten', (request) => orders.callerOf(request).principal)
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    expect(await (await fetch(`${origin}/guarded`)).json()).toMatchObject({ clientId: 'billing' })
    const forgotten = await fetch(`${origin}/forgotten`)
    expect(forgotten.status).toBe(500)
    expect(await forgotten.json()).toMatchObject({ code: 'ERR_NOT_GUARDED' })
  })

  it("leaves what a handler throws to Fastify's error handler", async () => {
    await using app = fastify()
    app.setErrorHandler((error: Error, _, reply) => reply.code(418).send(error.message))
    app.get('/', { onRequest: guarded(openGuard, {}) }, () => {
      throw new Error('from the handler')
    })
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    const response = await fetch(origin)
    expect([response.status, await response.text()]).toEqual([418, 'from the handler'])
  })

  it('leaves a reply alone that has been sent meanwhile', async () => {
    const reply = {
      sent: true,
      code: () => expect.unreachable(),
      header: () => expect.unreachable(),
      send: () => expect.unreachable(),
    }
    expect(await guarded(guard, {})({ raw: { rawHeaders: [] } }, reply)).toBe(reply)
  })
})
