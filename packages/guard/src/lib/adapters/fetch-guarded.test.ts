import { describe, expect, expectTypeOf, it } from 'vitest'
import { openGuard } from '../../../test/open-guard.ts'
import { createGuard } from '../guard/create-guard.ts'
import type { ClientPrincipal, Principal, UserPrincipal } from '../verdict/principal.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { guarded } from './fetch-guarded.ts'

const options = { issuer: 'https://as.example', audience: 'https://api.example' }
const guard = createGuard<'orders:read' | 'orders:write'>(options)

describe('guarded for fetch handlers', () => {
  it('does not swallow what the handler throws', async () => {
    const failure = new Error('from the handler')
    const handler = guarded(openGuard, {}, () => {
      throw failure
    })
    await expect(handler(new Request('https://api.example'))).rejects.toBe(failure)
  })

  it('types the caller by the kind of principal that the rule takes', () => {
    guarded(guard, { scope: { all: ['orders:read'] } }, (request, { principal, token }) => {
      expectTypeOf(request).toEqualTypeOf<Request>()
      expectTypeOf(principal).toEqualTypeOf<ClientPrincipal>()
      expectTypeOf(token.expiresAt).toEqualTypeOf<number>()
      return new Response()
    })
    guarded(guard, { principal: 'user' }, (_, { principal }) => {
      expectTypeOf(principal).toEqualTypeOf<UserPrincipal>()
      return new Response()
    })
    guarded(guard, { principal: 'any' }, (_, { principal }) => {
      expectTypeOf(principal).toEqualTypeOf<Principal>()
      return new Response()
    })
  })

  it('makes a misspelt scope a compile error where the API names its scopes', () => {
    const handler = (): Response => new Response()
    // @ts-expect-error 'orders:raed' is not a scope of this API
    guarded(guard, { scope: { all: ['orders:raed'] } }, handler)
    // @ts-expect-error both lists at once
    expect(() => guarded(guard, { scope: { all: ['orders:read'], any: [] } }, handler)).toThrow()
    guarded(createGuard(options), { scope: { any: ['anything'] } }, handler)
  })

  it('types the verdict of the guard itself', async () => {
    const verdict = await guard(new Request('https://api.example'))
    expectTypeOf(verdict).toEqualTypeOf<Verdict<ClientPrincipal>>()
    if (verdict.allowed) expectTypeOf(verdict.principal.clientId).toEqualTypeOf<string>()
    else expectTypeOf(verdict.status).toEqualTypeOf<400 | 401 | 403 | 503>()
    expect(verdict.allowed).toBe(false)
  })
})
