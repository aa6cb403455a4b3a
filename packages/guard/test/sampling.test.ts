import { createGuard, type GuardEvent, type GuardOptions, type Rule } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { startAuthorizationServer, startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startAsking } from './asking-guard.ts'
import { AUDIENCE, bearer, gate } from './scripted-issuer.ts'

const MINUTE = 60_000
const AT_ONCE: Rule = { confirmedWithin: 0 }

describe('a guard that samples, at our own server', () => {
  /** An API over a socket, with a route that wants to know at once, and its clock, ahead as told. */
  async function start(introspection: Partial<GuardOptions['introspection'] & object> = {}) {
    const running = await startAuthorizationServer({
      resources: [{ resource: AUDIENCE, scopes: ['read'] }],
      clients: [
        { clientId: 'billing', grants: [{ resource: AUDIENCE, scopes: ['read'] }] },
        { clientId: 'orders-api', grants: [] },
      ],
    })
    onTestFinished(() => running.close())
    const introspectionClients = ['orders-api']
    await running.administration.updateResource({ resource: AUDIENCE, introspectionClients })
    await running.server.refresh()
    const clock = { ahead: 0 }
    const guard = createGuard({
      issuer: running.issuer,
      audience: AUDIENCE,
      now: () => Date.now() + clock.ahead,
      introspection: {
        clientId: 'orders-api',
        clientSecret: running.secrets['orders-api'] ?? '',
        tokens: 'sampled',
        every: MINUTE,
        ...introspection,
      },
    })
    const often = guarded(guard, {}, () => new Response())
    const atOnce = guarded(guard, AT_ONCE, () => new Response())
    const api = await startLoopbackServer((request) =>
      (request.url.endsWith('/at-once') ? atOnce : often)(request),
    )
    onTestFinished(() => api.close())
    const post = async (path: string, form: Record<string, string>): Promise<Response> => {
      const { clientId, clientSecret } = running.client
      const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
      const body = new URLSearchParams(form)
      return fetch(`${running.issuer}${path}`, { method: 'POST', headers, body })
    }
    const answer = await post('/token', { grant_type: 'client_credentials' })
    const token = String(((await answer.json()) as Record<string, unknown>)['access_token'])
    return {
      running,
      clock,
      token,
      revoke: () => post('/revoke', { token }),
      questions: () => running.events.filter(({ type }) => type === 'token.introspected').length,
      async call(path = '/'): Promise<number> {
        const headers = { authorization: `Bearer ${token}` }
        return (await fetch(api.origin + path, { headers })).status
      },
    }
  }

  it('refuses a JWT that was revoked within the time it states, and not by its signature', async () => {
    const { token, clock, call, revoke, questions } = await start()
    expect(token.split('.')).toHaveLength(3)
    expect([await call(), await call(), await call()]).toEqual([200, 200, 200])
    expect(questions()).toBe(1)
    expect((await revoke()).status).toBe(200)
    // The price of not asking each time.
    clock.ahead = MINUTE / 2
    expect(await call()).toBe(200)
    clock.ahead = MINUTE
    expect([await call(), await call()]).toEqual([401, 401])
    expect(questions()).toBe(2)
  })

  it('asks on each call to a route that must hear of it at once, and lets every route hear', async () => {
    const { call, revoke, questions } = await start({ tokens: 'opaque', every: undefined } as never)
    expect([await call(), await call()]).toEqual([200, 200])
    expect(questions()).toBe(0)
    expect([await call('/at-once'), await call('/at-once')]).toEqual([200, 200])
    expect(questions()).toBe(2)
    await revoke()
    expect([await call('/at-once'), await call('/at-once')]).toEqual([401, 401])

    const sampled = await start()
    expect([await sampled.call(), await sampled.call('/at-once')]).toEqual([200, 200])
    await sampled.revoke()
    expect([await sampled.call(), await sampled.call('/at-once')]).toEqual([200, 401])
    expect(await sampled.call()).toBe(401)
  })

  it.each([
    ['refuse', 503],
    ['allow', 200],
  ] as const)(
    'does as whenUnknown says where the server is gone: %s',
    async (whenUnknown, status) => {
      const { running, clock, call } = await start({ whenUnknown })
      expect(await call()).toBe(200)
      await running.close()
      clock.ahead = MINUTE - 10_000
      expect(await call()).toBe(200)
      clock.ahead = MINUTE
      expect(await call()).toBe(status)
    },
  )
})

describe('a guard that samples', () => {
  const sampled = { tokens: 'sampled', every: MINUTE } as const

  it('asks about a good JWT alone: what is forged or expired is no question', async () => {
    const api = await startAsking(sampled)
    const forged = `${api.mint.token().slice(0, -8)}AAAAAAAA`
    expect(await api.ask(forged)).toBe('401 bad_signature')
    const exp = api.clock.now() / 1000 - 60
    expect(await api.ask(api.mint.token({ claims: { exp } }))).toBe('401 expired')
    expect(api.questions()).toHaveLength(0)
    expect(await api.ask(api.mint.token())).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    expect(await api.ask('opaque-1')).toBe('allowed')
  })

  it('goes by the claims that are signed, and by active alone of the answer', async () => {
    const api = await startAsking(sampled)
    api.answer(() => Response.json({ active: true, scope: 'admin', client_id: 'other' }))
    const request = bearer(api.mint.token())
    expect(await api.guard(request)).toMatchObject({
      allowed: true,
      principal: { clientId: 'billing', scopes: new Set(['orders:read']) },
    })
    for (const active of ['true', 1, null]) {
      api.answer(() => Response.json({ active }))
      expect(await api.ask(api.mint.token({ claims: { jti: `a-${active}` } }))).toBe('401 inactive')
    }
  })

  it.each([
    ['with its cache', {}],
    ['without one', { tokenCache: false } as const],
  ])('asks once in its time, %s, however many requests come at once', async (_, options) => {
    const api = await startAsking(sampled, options)
    const token = api.mint.token()
    const { opened, open } = gate()
    api.answer(async () => {
      await opened
      return Response.json({ active: true })
    })
    const asked = Array.from({ length: 50 }, () => api.ask(token))
    open()
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['allowed']))
    api.clock.advance(MINUTE - 1)
    expect(await api.ask(token)).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    api.clock.advance(1)
    expect(await api.ask(token)).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
    // A clock that was set back makes no word newer.
    api.clock.advance(-10)
    expect(await api.ask(token)).toBe('allowed')
    expect(api.questions()).toHaveLength(3)
  })

  it('asks anew only after a while about what is inactive', async () => {
    const api = await startAsking(sampled)
    api.answer(() => Response.json({ active: false }))
    const token = api.mint.token()
    expect([await api.ask(token), await api.ask(token)]).toEqual(['401 inactive', '401 inactive'])
    expect(api.questions()).toHaveLength(1)
    api.answer(() => Response.json({ active: true }))
    api.clock.advance(5000)
    expect(await api.ask(token)).toBe('allowed')
  })

  it('tells of each token that passes without a word, and leaves the issuer alone meanwhile', async () => {
    const api = await startAsking({ ...sampled, whenUnknown: 'allow' })
    api.answer(() => new Response('MARKER', { status: 500 }))
    const token = api.mint.token()
    for (let time = 0; time < 6; time++) expect(await api.ask(token)).toBe('allowed')
    const told = (type: GuardEvent['type']): GuardEvent[] =>
      api.events.filter((event) => event.type === type)
    expect(told('unchecked')).toEqual(
      Array.from({ length: 6 }, () => ({
        type: 'unchecked',
        source: 'introspection',
        issuer: api.origin,
        clientId: 'billing',
      })),
    )
    expect(api.questions()).toHaveLength(3)
    expect(JSON.stringify(api.events)).not.toContain('MARKER')
    // An opaque token says nothing without its issuer.
    expect(await api.ask('opaque-1')).toBe('503 introspection_unavailable')
  })

  it('wants a newer word on an opaque token, too, where the route does', async () => {
    const api = await startAsking()
    const call = async (confirmedWithin: number): Promise<boolean> =>
      (await api.guard(bearer('opaque-1'), { confirmedWithin })).allowed
    expect(await call(10_000)).toBe(true)
    api.clock.advance(9999)
    expect(await call(10_000)).toBe(true)
    expect(api.questions()).toHaveLength(1)
    api.clock.advance(1)
    expect(await call(10_000)).toBe(true)
    expect(api.questions()).toHaveLength(2)
    api.answer(() => Response.json({ active: false }))
    expect(await api.ask('opaque-1')).toBe('allowed')
    expect(await call(0)).toBe(false)
    expect(await api.ask('opaque-1')).toBe('401 inactive')
  })

  it('refuses options and rules that it cannot keep', async () => {
    const good = { issuer: 'https://as.example', audience: AUDIENCE }
    const introspection = { clientId: 'a', clientSecret: 'b' }
    const make = (more: object) => () =>
      createGuard({ ...good, introspection: { ...introspection, ...more } })
    expect(make({ tokens: 'some' })).toThrow("'tokens'")
    expect(make({ every: 1 })).toThrow("'every'")
    expect(make({ tokens: 'sampled', every: -1 })).toThrow("'every'")
    expect(make({ whenUnknown: 'pass' })).toThrow("'whenUnknown'")
    const bare = createGuard(good)
    // Where the route is declared, and not at its first request.
    expect(() => guarded(bare, AT_ONCE, () => new Response())).toThrow("'confirmedWithin'")
    await expect(bare(bearer('a'), AT_ONCE)).rejects.toMatchObject({
      name: 'ArgumentError',
      option: 'confirmedWithin',
    })
    for (const confirmedWithin of [-1, Number.NaN, 3_600_001, '0']) {
      await expect(bare(bearer('a'), { confirmedWithin } as Rule)).rejects.toMatchObject({
        option: 'confirmedWithin',
      })
    }
  })
})
