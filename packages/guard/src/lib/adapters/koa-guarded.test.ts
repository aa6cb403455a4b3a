import { startListener } from '@countersign/testkit'
import Koa from 'koa'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { openGuard } from '../../../test/open-guard.ts'
import { createGuard } from '../guard/create-guard.ts'
import type { ClientPrincipal, UserPrincipal } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'
import { guarded, type GuardedState } from './koa-guarded.ts'

const guard = createGuard<'orders:read'>({
  issuer: 'https://as.example',
  audience: 'https://api.example',
})

describe('guarded for Koa', () => {
  it('types ctx.state for the middleware that is chained to it', () => {
    const app = new Koa<{ tenant: string }>()
    app.use(guarded(guard, { scope: { all: ['orders:read'] } })).use((context) => {
      expectTypeOf(context.state.tenant).toEqualTypeOf<string>()
      expectTypeOf(context.state.principal).toEqualTypeOf<ClientPrincipal>()
      expectTypeOf(context.state.token).toEqualTypeOf<VerifiedToken>()
    })
    new Koa().use(guarded(guard, { principal: 'user' })).use((context) => {
      expectTypeOf(context.state.principal).toEqualTypeOf<UserPrincipal>()
    })
    new Koa<GuardedState<ClientPrincipal>>().use(guarded(guard, {}))
    // @ts-expect-error a scope that this API does not have
    app.use(guarded(guard, { scope: { all: ['orders:raed'] } }))
    expect(app.middleware).toHaveLength(3)
  })

  it("leaves what later middleware throws to Koa's error handling", async () => {
    const app = new Koa()
    app.silent = true
    app.use(guarded(openGuard, {})).use((context) => context.throw(418, 'from the handler'))
    const callback = app.callback()
    await using server = await startListener(
      (request, response) => void callback(request, response),
    )
    const response = await fetch(server.origin)
    expect([response.status, await response.text()]).toEqual([418, 'from the handler'])
  })

  it('waits for what comes after, so middleware before it sees the whole answer', async () => {
    const order: string[] = []
    const app = new Koa()
    app.use(async (_, next) => {
      await next()
      order.push('outer')
    })
    app.use(guarded(openGuard, {})).use(async (context) => {
      await Promise.resolve()
      order.push('handler')
      context.body = 'done'
    })
    const callback = app.callback()
    await using server = await startListener(
      (request, response) => void callback(request, response),
    )
    await fetch(server.origin)
    expect(order).toEqual(['handler', 'outer'])
  })

  it('leaves an answer alone that has been sent meanwhile', async () => {
    const context = {
      req: { rawHeaders: [] },
      headerSent: true,
      status: 504,
      body: 'too late',
      set: () => expect.unreachable(),
      state: {} as never,
    }
    await guarded(guard, {})(context, () => expect.unreachable())
    expect(context).toMatchObject({ status: 504, body: 'too late', state: {} })
  })
})
