import { startLoopbackServer } from '@countersign/testkit'
import { Hono } from 'hono'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { openGuard } from '../../../test/open-guard.ts'
import { createGuard } from '../guard/create-guard.ts'
import type { ClientPrincipal, Principal, UserPrincipal } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'
import { guarded } from './hono-guarded.ts'

const guard = createGuard<'orders:read'>({
  issuer: 'https://as.example',
  audience: 'https://api.example',
})

describe('guarded for Hono', () => {
  it('types variables for the handlers of the same route, and keeps route parameters', () => {
    const app = new Hono<{ Variables: { tenant: string } }>()
    app.get('/orders/:id', guarded(guard, { scope: { all: ['orders:read'] } }), (c) => {
      expectTypeOf(c.req.param('id')).toEqualTypeOf<string>()
      expectTypeOf(c.var.tenant).toEqualTypeOf<string>()
      expectTypeOf(c.var.principal).toEqualTypeOf<ClientPrincipal>()
      expectTypeOf(c.get('token')).toEqualTypeOf<VerifiedToken>()
      return c.body(null)
    })
    app.post('/me', guarded(guard, { principal: 'user' }), (c) => {
      expectTypeOf(c.get('principal')).toEqualTypeOf<UserPrincipal>()
      return c.body(null)
    })
    new Hono().use(guarded(guard, { principal: 'any' })).get('/', (c) => {
      expectTypeOf(c.var.principal).toEqualTypeOf<Principal>()
      return c.body(null)
    })
    // @ts-expect-error a scope that this API does not have
    app.use(guarded(guard, { scope: { all: ['orders:raed'] } }))
    expect(app.routes.length).toBeGreaterThan(0)
  })

  it("leaves what a handler throws to Hono's onError", async () => {
    const app = new Hono().onError((error, c) => c.text(error.message, 418))
    app.get('/', guarded(openGuard, {}), () => {
      throw new Error('from the handler')
    })
    await using server = await startLoopbackServer(async (request) => app.fetch(request))
    const response = await fetch(server.origin)
    expect([response.status, await response.text()]).toEqual([418, 'from the handler'])
  })

  it('keeps headers that earlier middleware set on a denial', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      c.header('x-request-id', '17')
      await next()
    })
    app.get('/', guarded(guard, {}), (c) => c.text('reached'))
    await using server = await startLoopbackServer(async (request) => app.fetch(request))
    const response = await fetch(server.origin)
    expect(response.status).toBe(401)
    expect(response.headers.get('x-request-id')).toBe('17')
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /)
  })
})
