import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { createGuard } from '@countersign/guard'
import { parseForm, singleParameter } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { startAsking, type Answering } from './asking-guard.ts'
import { handDeadlines } from './hand-deadlines.ts'
import { AUDIENCE, bearer, gate } from './scripted-issuer.ts'

const SIGNED_TYPE = 'application/token-introspection+jwt'

describe('a guard that asks the issuer about opaque tokens', () => {
  it('asks by POST, with credentials of its own, and takes what the issuer says [std:72]', async () => {
    const api = await startAsking()
    const verdict = await api.guard(bearer('opaque-1'))
    expect(verdict).toMatchObject({
      allowed: true,
      principal: { kind: 'client', clientId: 'billing', scopes: new Set(['orders:read']) },
      token: { id: 'id-1', audience: [AUDIENCE], expiresAt: api.clock.now() + 600_000 },
    })
    const [question] = api.questions()
    expect(question?.method).toBe('POST')
    expect(question?.headers.get('authorization')).toBe(`Basic ${btoa('orders-api:MARKER-SECRET')}`)
    expect(question?.headers.get('accept')).toBe('application/json')
    const form = parseForm(question?.body ?? '')
    expect(form.ok && singleParameter(form.value, 'token')).toMatchObject({ value: 'opaque-1' })
  })

  it('asks nothing about a JWT, unless it asks about all', async () => {
    const api = await startAsking()
    expect(await api.ask(api.mint.token())).toBe('allowed')
    expect(await api.ask('a.b.c')).toBe('401 malformed_token')
    expect(api.questions()).toHaveLength(0)
    const all = await startAsking({ tokens: 'all' })
    all.answer(() => Response.json({ active: false }))
    expect(await all.ask(all.mint.token())).toBe('401 inactive')
    expect(all.questions()).toHaveLength(1)
  })

  it.each([
    ['active: false', { active: false }, '401 inactive'],
    ['active as text', { active: 'true' }, '401 inactive'],
    ['active as a number', { active: 1 }, '401 inactive'],
    ['no active', { active: undefined }, '401 inactive'],
    ['another issuer', { iss: 'https://evil.example' }, '401 wrong_issuer'],
    ['an issuer that is no text', { iss: ['a'] }, '401 malformed_claims'],
    ['another audience', { aud: 'https://other.example' }, '401 wrong_audience'],
    ['no audience', { aud: undefined }, '401 malformed_claims'],
    ['no client', { client_id: undefined }, '401 malformed_claims'],
    ['an end that has passed', { exp: 1 }, '401 expired'],
    ['an end as text', { exp: '9999999999' }, '401 malformed_claims'],
    ['a beginning that lies ahead', { nbf: 9_999_999_999 }, '401 not_yet_valid'],
    ['another type', { token_type: 'N_A' }, '401 wrong_type'],
    ['a type that is no text', { token_type: 7 }, '401 wrong_type'],
    ['DPoP, and no key', { token_type: 'DPoP' }, '401 malformed_claims'],
    ['DPoP, and a key', { token_type: 'DPoP', cnf: { jkt: 'a' } }, '401 binding_unsupported'],
    ['bound to a certificate', { cnf: { 'x5t#S256': 'a' } }, '401 binding_unsupported'],
    ['cnf null', { cnf: null }, '401 binding_unsupported'],
    ["a user's token", { sub: 'user-1' }, '403 principal_kind'],
  ])(
    'applies the rules of a JWT to the answer: %s [std:73] [std:75] [field:34]',
    async (_, changed, expected) => {
      const api = await startAsking()
      api.answer(() => Response.json(api.active(changed)))
      expect(await api.ask()).toBe(expected)
    },
  )

  it('stands in for what an answer may leave out, and holds it no longer than an answer', async () => {
    const api = await startAsking()
    const bare = { active: true, client_id: 'billing', aud: AUDIENCE }
    api.answer(() => Response.json(bare))
    expect(await api.guard(bearer('opaque-1'))).toMatchObject({
      allowed: true,
      principal: { kind: 'client', scopes: new Set() },
      token: {
        issuer: api.origin,
        id: createHash('sha256').update('opaque-1').digest('base64url'),
        issuedAt: 0,
        expiresAt: api.clock.now() + 60_000,
        claims: bare,
      },
    })
  })

  it('takes an answer that names a user and no subject for one about that user', async () => {
    const { ask, answer, active } = await startAsking()
    const { sub: _sub, ...members } = active({ username: 'alice' })
    answer(() => Response.json(members))
    expect(await ask()).toBe('403 principal_kind')
  })

  it('judges scope at each request, not with the answer', async () => {
    const api = await startAsking()
    expect(await api.ask()).toBe('allowed')
    const rule = { scope: { all: ['orders:write'] } }
    expect(await api.guard(bearer('opaque-1'), rule)).toMatchObject({
      reason: 'insufficient_scope',
    })
    expect(api.questions()).toHaveLength(1)
  })
})

describe('what such a guard remembers', () => {
  it('uses an answer for a minute, and never beyond exp [std:74] [field:60]', async () => {
    const api = await startAsking()
    expect([await api.ask(), await api.ask()]).toEqual(['allowed', 'allowed'])
    api.clock.advance(59_999)
    expect(await api.ask()).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    api.clock.advance(1)
    await api.ask()
    expect(api.questions()).toHaveLength(2)

    const brief = await startAsking({}, { clockTolerance: 0 })
    const exp = brief.clock.now() / 1000 + 10
    brief.answer(() => Response.json(brief.active({ exp })))
    expect(await brief.ask()).toBe('allowed')
    brief.clock.advance(9999)
    expect(await brief.ask()).toBe('allowed')
    expect(brief.questions()).toHaveLength(1)
    brief.clock.advance(1)
    expect(await brief.ask()).toBe('401 expired')
    expect(brief.questions()).toHaveLength(2)
  })

  it('uses an inactive answer for five seconds, so that a late token comes through [field:64]', async () => {
    const api = await startAsking()
    api.answer(() => Response.json({ active: false }))
    expect([await api.ask(), await api.ask()]).toEqual(['401 inactive', '401 inactive'])
    expect(api.questions()).toHaveLength(1)
    api.answer(() => Response.json(api.active()))
    api.clock.advance(5000)
    expect(await api.ask()).toBe('allowed')
  })

  it('lets junk push out nothing that is good, and holds a bounded number of both [field:64]', async () => {
    const api = await startAsking({ maxEntries: 10 })
    api.answer(({ body }) =>
      Response.json(body.includes('good') ? api.active() : { active: false }),
    )
    await api.ask('good')
    for (let junk = 0; junk < 50; junk++) await api.ask(`junk-${junk}`)
    const asked = api.questions().length
    expect(await api.ask('good')).toBe('allowed')
    await api.ask('junk-49')
    expect(api.questions()).toHaveLength(asked)
    await api.ask('junk-48')
    expect(api.questions()).toHaveLength(asked + 1)
    for (let other = 0; other < 10; other++) await api.ask(`good-${other}`)
    await api.ask('good')
    expect(api.questions()).toHaveLength(asked + 12)
  })

  it('asks once about a token however many requests bring it at a time', async () => {
    const api = await startAsking()
    const { opened, open } = gate()
    api.answer(async () => {
      await opened
      return Response.json(api.active())
    })
    const asked = Array.from({ length: 100 }, () => api.ask())
    const other = api.ask('opaque-2')
    open()
    expect(new Set(await Promise.all([...asked, other]))).toEqual(new Set(['allowed']))
    expect(api.questions()).toHaveLength(2)
  })

  it('remembers nothing where it must not, and nothing of a clock that was set back', async () => {
    const never = await startAsking({ maxAge: 0, maxInactiveAge: 0 })
    await never.ask()
    await never.ask()
    expect(never.questions()).toHaveLength(2)
    const api = await startAsking()
    await api.ask()
    api.clock.advance(-1000)
    await api.ask()
    expect(api.questions()).toHaveLength(2)
  })
})

describe('where the issuer gives no usable answer', () => {
  it.each<readonly [string, Answering, string]>([
    ['500', () => new Response('MARKER', { status: 500 }), 'status'],
    ['a redirect', () => Response.redirect('https://evil.example'), 'status'],
    ['401', () => new Response(null, { status: 401 }), 'unauthorized'],
    ['403', () => new Response(null, { status: 403 }), 'unauthorized'],
    [
      'HTML',
      () => new Response('<p>', { headers: { 'content-type': 'text/html' } }),
      'content_type',
    ],
    ['a list', () => Response.json([]), 'not_json'],
    [
      'broken JSON',
      () => new Response('{', { headers: { 'content-type': 'application/json' } }),
      'not_json',
    ],
    ['too much', () => Response.json({ active: true, pad: 'x'.repeat(70_000) }), 'too_large'],
    ['nothing', () => Response.error(), 'network'],
    [
      'a signed answer not asked for',
      () => new Response('a.b.c', { headers: { 'content-type': SIGNED_TYPE } }),
      'content_type',
    ],
  ])(
    'says 503 with Retry-After, and not that the token is bad: %s',
    async (_, answering, fault) => {
      const api = await startAsking()
      api.answer(answering)
      const verdict = await api.guard(bearer('MARKER-TOKEN'))
      expect(verdict).toMatchObject({
        status: 503,
        reason: 'introspection_unavailable',
        retryAfter: 1,
        challenge: undefined,
      })
      expect(api.events).toContainEqual({
        type: 'introspection_failed',
        fault,
        failures: 1,
        retryAt: api.clock.now(),
        issuer: api.origin,
      })
      expect(inspect([verdict, api.events, api.guard], { depth: 9 })).not.toContain('MARKER')
      api.answer(() => Response.json(api.active()))
      expect(await api.ask('MARKER-TOKEN')).toBe('allowed')
    },
  )

  it('waits no longer than its deadline, for a fetch that heeds no signal either', async () => {
    const api = await startAsking({ fetch: () => new Promise<Response>(() => {}) }, { timeout: 20 })
    expect(await api.ask()).toBe('503 introspection_unavailable')
    expect(api.events).toContainEqual(expect.objectContaining({ fault: 'timeout' }))
  })

  it('leaves it alone after three failures, goes on with held answers, and comes back', async () => {
    const api = await startAsking()
    expect(await api.ask('held')).toBe('allowed')
    api.answer(() => new Response(null, { status: 500 }))
    for (let time = 0; time < 10; time++) await api.ask(`new-${time}`)
    expect(api.questions()).toHaveLength(4)
    expect(await api.ask('held')).toBe('allowed')
    api.answer(() => Response.json(api.active()))
    expect(await api.ask('new-1')).toBe('503 introspection_unavailable')
    api.clock.advance(1000)
    expect(await api.ask('new-1')).toBe('allowed')
    expect(await api.ask('new-2')).toBe('allowed')
  })

  it('heeds the time that it asks for', async () => {
    const api = await startAsking()
    api.answer(() => new Response(null, { status: 503, headers: { 'retry-after': '40' } }))
    expect(await api.guard(bearer('a'))).toMatchObject({ status: 503, retryAfter: 40 })
    api.clock.advance(39_000)
    expect(await api.guard(bearer('b'))).toMatchObject({ status: 503, retryAfter: 1 })
    expect(api.questions()).toHaveLength(1)
  })

  it('bounds the questions that are open at one time', async () => {
    let asked = 0
    const fetch = (): Promise<Response> => {
      asked++
      return new Promise(() => {})
    }
    const deadlines = handDeadlines()
    const api = await startAsking({ endpoint: 'https://as.example/introspect', fetch })
    const answers = Array.from({ length: 1100 }, (_, at) => api.ask(`t-${at}`))
    const refused = (): number => api.events.filter(({ type }) => type === 'denied').length
    while (refused() < 100) await new Promise((resolve) => void setImmediate(resolve))
    deadlines.pass()
    const outcomes = await Promise.all(answers)
    expect(new Set(outcomes)).toEqual(new Set(['503 introspection_unavailable']))
    expect(asked).toBe(1000)
    expect(api.events).toContainEqual(expect.objectContaining({ fault: 'busy' }))
  })

  it('hands no credentials to an endpoint without TLS that a remote issuer names', async () => {
    const seen: string[] = []
    const guard = createGuard({
      issuer: 'https://as.example',
      audience: AUDIENCE,
      introspection: { clientId: 'a', clientSecret: 'b' },
      fetch: async (input) => {
        seen.push(new Request(input).url)
        return Response.json({
          issuer: 'https://as.example',
          introspection_endpoint: 'http://127.0.0.1:1/introspect',
        })
      },
    })
    expect(await guard(bearer('opaque'))).toMatchObject({ reason: 'introspection_unavailable' })
    expect(seen.filter((url) => url.includes('introspect'))).toEqual([])
  })

  it('asks with the header that a function gives, and is unavailable where that fails', async () => {
    const api = await startAsking({
      clientSecret: undefined,
      authorize: () => 'Bearer mine',
    } as never)
    expect(await api.ask()).toBe('allowed')
    expect(api.questions()[0]?.headers.get('authorization')).toBe('Bearer mine')
    const authorize = (): Promise<string> => Promise.reject(new Error('MARKER'))
    const broken = await startAsking({ clientSecret: undefined, authorize } as never)
    expect(await broken.ask()).toBe('503 introspection_unavailable')
    expect(inspect(broken.events)).toContain("'authorize'")
    expect(inspect(broken.events)).not.toContain('MARKER')
  })
})

describe('a guard that wants signed answers', () => {
  type Api = Awaited<ReturnType<typeof startAsking>>
  function signed(
    api: Api,
    payload: object = {},
    header: object = {},
    members: object = {},
  ): string {
    const body = {
      iss: api.origin,
      aud: 'orders-api',
      iat: api.clock.now() / 1000,
      token_introspection: api.active({ ...members }),
      ...payload,
    }
    const typ = 'token-introspection+jwt'
    return api.mint.sign({ alg: 'ES256', kid: api.mint.kid, typ, ...header }, body)
  }
  const reply = (text: string): Response =>
    new Response(text, { headers: { 'content-type': SIGNED_TYPE } })

  it('asks for one, and takes what is in it [std:76] [std:80]', async () => {
    const api = await startAsking({ signed: true })
    api.answer(() => reply(signed(api)))
    expect(await api.ask()).toBe('allowed')
    expect(api.questions()[0]?.headers.get('accept')).toBe(SIGNED_TYPE)
    api.answer(() => reply(signed(api, {}, {}, { active: false })))
    expect(await api.ask('other')).toBe('401 inactive')
  })

  it('takes none that is not for it, and no answer of its own as an access token [std:80]', async () => {
    const attacks: Record<string, (api: Api) => Response> = {
      'another type': (api) => reply(signed(api, {}, { typ: 'at+jwt' })),
      'another issuer': (api) => reply(signed(api, { iss: 'https://evil.example' })),
      'another caller': (api) => reply(signed(api, { aud: 'other-api' })),
      'no audience': (api) => reply(signed(api, { aud: undefined })),
      'an old one': (api) => reply(signed(api, { iat: api.clock.now() / 1000 - 61 })),
      'no time': (api) => reply(signed(api, { iat: undefined })),
      'members beside, not inside': (api) =>
        reply(signed(api, { token_introspection: undefined, active: true })),
      'an unknown key': (api) => reply(signed(api, {}, { kid: 'other' })),
      'no algorithm': (api) => reply(signed(api, {}, { alg: 'none' })),
      'a changed signature': (api) => reply(`${signed(api).slice(0, -8)}AAAAAAAA`),
      'an unsigned one': (api) => Response.json(api.active()),
    }
    for (const [name, answering] of Object.entries(attacks)) {
      const api = await startAsking({ signed: true })
      api.answer(() => answering(api))
      expect([name, await api.ask()]).toEqual([name, '503 introspection_unavailable'])
    }
    const api = await startAsking({ signed: true })
    expect(await api.ask(signed(api))).toBe('401 wrong_type')
  })
})
