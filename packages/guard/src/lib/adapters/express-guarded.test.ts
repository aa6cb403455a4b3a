import express from 'express'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createGuard } from '../guard/create-guard.ts'
import type { ClientPrincipal, UserPrincipal } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'
import { guarded } from './express-guarded.ts'

const guard = createGuard<'orders:read'>({
  issuer: 'https://as.example',
  audience: 'https://api.example',
})

describe('guarded for Express', () => {
  it('types response.locals for the handlers of the same route, and keeps route parameters', () => {
    const app = express()
    app.get('/orders/:id', guarded(guard, {}), (request, response) => {
      expectTypeOf(request.params.id).toEqualTypeOf<string>()
      expectTypeOf(response.locals.principal).toEqualTypeOf<ClientPrincipal>()
      expectTypeOf(response.locals.token).toEqualTypeOf<VerifiedToken>()
    })
    express.Router().post('/me', guarded(guard, { principal: 'user' }), (_request, response) => {
      expectTypeOf(response.locals.principal).toEqualTypeOf<UserPrincipal>()
    })
    app.use('/api', guarded(guard, { scope: { all: ['orders:read'] } }))
    // @ts-expect-error a scope that this API does not have
    app.use(guarded(guard, { scope: { all: ['orders:raed'] } }))
    expect(app).toBeTypeOf('function')
  })

  it('passes nothing on when the request is denied', async () => {
    const sent: unknown[] = []
    const response = {
      statusCode: 200,
      headersSent: false,
      locals: {} as never,
      setHeader: (name: string, value: string) => sent.push(`${name}: ${value}`),
      end: (body: string) => sent.push(body),
    }
    await guarded(guard, {})({ rawHeaders: [] }, response, () => sent.push('next'))
    expect(response.statusCode).toBe(401)
    expect(sent).toContain('www-authenticate: Bearer realm="https://api.example"')
    expect(sent).not.toContain('next')
    expect(response.locals).toEqual({})
  })
})
