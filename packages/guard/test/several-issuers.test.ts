import {
  createGuard,
  protectedResource,
  type Guard,
  type GuardEvent,
  type GuardOptions,
  type IssuerOptions,
} from '@countersign/guard'
import { revocationHook, revocationMarks } from '@countersign/guard/revocation'
import type { JsonObject } from '@countersign/protocol'
import {
  handClock,
  startLoopbackServer,
  type HandClock,
  type LoopbackServer,
} from '@countersign/testkit'
import {
  PROVIDER_TOKENS,
  proofMint,
  tokenMint,
  type TokenMint,
} from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AUDIENCE, bearer } from './scripted-issuer.ts'

interface Running {
  readonly issuer: string
  readonly server: LoopbackServer
  readonly mint: TokenMint
  /** What its key endpoint gives; `undefined` is an outage. */
  keys: readonly JsonObject[] | undefined
  /** What it says of an opaque token. */
  answer: JsonObject
  requestsTo(path: string): number
}

/** An issuer on a socket of its own. */
async function startIssuer(
  clock: HandClock,
  options: Partial<Parameters<typeof tokenMint>[0]> = {},
): Promise<Running> {
  const server = await startLoopbackServer((_, { path }) => {
    if (path === '/jwks') {
      if (running.keys === undefined) return new Response(null, { status: 500 })
      return Response.json({ keys: running.keys })
    }
    if (path === '/introspect') return Response.json(running.answer)
    return Response.json({
      issuer: server.origin,
      jwks_uri: `${server.origin}/jwks`,
      introspection_endpoint: `${server.origin}/introspect`,
    })
  })
  onTestFinished(() => server.close())
  const issuer = server.origin
  const mint = tokenMint({ issuer, audience: AUDIENCE, now: clock.now, kid: 'same', ...options })
  const running: Running = {
    issuer,
    server,
    mint,
    keys: [mint.jwk],
    answer: { active: false },
    requestsTo: (asked) => server.requests.filter(({ path }) => path === asked).length,
  }
  return running
}

/** Two issuers that use the same `kid`, and a guard that takes both. */
async function start(
  first: Partial<IssuerOptions> = {},
  second: Partial<IssuerOptions> = {},
  options: Partial<GuardOptions> = {},
) {
  const clock = handClock()
  const events: GuardEvent[] = []
  const a = await startIssuer(clock)
  const b = await startIssuer(clock)
  const guard = createGuard({
    issuers: [
      { issuer: a.issuer, ...first },
      { issuer: b.issuer, ...second },
    ],
    audience: AUDIENCE,
    now: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { clock, events, a, b, guard, ask: (token: string) => ask(guard, token) }
}

async function ask(guard: Guard, token: string): Promise<string> {
  const verdict = await guard(bearer(token))
  return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
}

const QUESTIONS = { clientId: 'orders-api', clientSecret: 'a secret of the api' }

describe('a guard of several issuers', () => {
  it('takes the tokens of each, and says whose they are', async () => {
    const { a, b, guard } = await start()
    for (const { issuer, mint } of [a, b, a]) {
      const verdict = await guard(bearer(mint.token()))
      expect(verdict).toMatchObject({ allowed: true, token: { issuer } })
    }
    expect([a.requestsTo('/jwks'), b.requestsTo('/jwks')]).toEqual([1, 1])
  })

  it('loads nothing for a token of another issuer, and does not look at the rest of it', async () => {
    const { a, b, guard, events } = await start()
    const wrong: readonly unknown[] = [
      'https://evil.example',
      `${a.issuer}/`,
      a.issuer.toUpperCase(),
      ` ${a.issuer}`,
      `${a.issuer}\u0000`,
      [a.issuer],
      { 0: a.issuer },
      '__proto__',
      'constructor',
      '',
      null,
      7,
      undefined,
    ]
    for (const iss of wrong) {
      expect([iss, await ask(guard, a.mint.token({ claims: { iss } }))]).toEqual([
        iss,
        '401 unknown_issuer',
      ])
    }
    expect(await ask(guard, `${'a'.repeat(16_384)}.b.c`)).toBe('401 malformed_token')
    expect(await ask(guard, 'a.b.c')).toBe('401 malformed_token')
    expect(await ask(guard, a.mint.sign('{"alg":"ES256"}', '[]'))).toBe('401 malformed_token')
    expect([...a.server.requests, ...b.server.requests]).toEqual([])
    expect(events.every((event) => event.type === 'denied' && !event.clientId)).toBe(true)
  })

  it('tells the same of both on the wire: a stranger cannot find out whom it trusts', async () => {
    const { a, guard } = await start()
    const single = createGuard({ issuer: a.issuer, audience: AUDIENCE, now: a.mint.now })
    const token = a.mint.token({ claims: { iss: 'https://evil.example' } })
    const [one, several] = [await single(bearer(token)), await guard(bearer(token))]
    expect(several).toMatchObject({ challenge: one.allowed ? '' : one.challenge })
  })

  it('never checks a token of one issuer with a key of another, though the kid is the same [field:49] [field:58]', async () => {
    const { a, b, ask: asked } = await start()
    // Each is warm, so that the keys of both are held.
    expect(await asked(a.mint.token())).toBe('allowed')
    expect(await asked(b.mint.token())).toBe('allowed')
    expect(await asked(a.mint.token({ claims: { iss: b.issuer } }))).toBe('401 bad_signature')
    expect(await asked(b.mint.token({ claims: { iss: a.issuer } }))).toBe('401 bad_signature')
  })

  it('resolves a kid that only one issuer has for that one alone [field:58]', async () => {
    const { clock, a, b, ask: asked } = await start()
    const onlyAtA = tokenMint({ issuer: a.issuer, audience: AUDIENCE, now: clock.now, kid: 'a-2' })
    a.keys = [a.mint.jwk, onlyAtA.jwk]
    expect(await asked(onlyAtA.token())).toBe('allowed')
    expect(await asked(b.mint.token())).toBe('allowed')
    expect(await asked(onlyAtA.token({ claims: { iss: b.issuer } }))).toBe('401 unknown_key')
    // Names that could run together in a key of a cache.
    for (const kid of [`${a.issuer}|a-2`, `${a.issuer} a-2`, `a-2\n${a.issuer}`]) {
      const header = { kid }
      expect(await asked(onlyAtA.token({ claims: { iss: b.issuer }, header }))).toBe(
        '401 unknown_key',
      )
    }
  })

  it('spends what unknown keys may cost for each issuer apart [field:52]', async () => {
    const { clock, a, b, ask: asked } = await start()
    expect(await asked(a.mint.token())).toBe('allowed')
    expect(await asked(b.mint.token())).toBe('allowed')
    for (let i = 0; i < 200; i++) {
      expect(await asked(a.mint.token({ header: { kid: `stranger-${i}` } }))).toBe(
        '401 unknown_key',
      )
    }
    const flooded = a.requestsTo('/jwks')
    expect(flooded).toBeLessThanOrEqual(4)
    expect(b.requestsTo('/jwks')).toBe(1)
    const rotated = tokenMint({ issuer: b.issuer, audience: AUDIENCE, now: clock.now, kid: 'b-2' })
    b.keys = [b.mint.jwk, rotated.jwk]
    expect(await asked(rotated.token())).toBe('allowed')
    expect(a.requestsTo('/jwks')).toBe(flooded)
  })

  it('goes on for one issuer while another is down, and says which', async () => {
    const { a, b, guard, events, ask: asked } = await start()
    a.keys = undefined
    expect(await asked(a.mint.token())).toBe('503 keys_unavailable')
    expect(await asked(b.mint.token())).toBe('allowed')
    const failed = events.filter(({ type }) => type === 'load_failed')
    expect(failed).toMatchObject([{ document: 'keys', issuer: a.issuer }])
    expect(events.filter(({ type }) => type === 'loaded')).toContainEqual({
      type: 'loaded',
      document: 'keys',
      issuer: b.issuer,
    })
    await expect(guard.ready()).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' })
  })

  it('loads all ahead, those that can be had also when one is down', async () => {
    const both = await start()
    await both.guard.ready()
    expect([both.a.requestsTo('/jwks'), both.b.requestsTo('/jwks')]).toEqual([1, 1])
    const one = await start()
    one.a.keys = undefined
    await expect(one.guard.ready()).rejects.toMatchObject({ retryable: true })
    expect(one.b.requestsTo('/jwks')).toBe(1)
    expect(await one.ask(one.b.mint.token())).toBe('allowed')
    expect(one.b.requestsTo('/jwks')).toBe(1)
  })

  it('holds each to its own audience and algorithms', async () => {
    const {
      a,
      b,
      ask: asked,
    } = await start({ audience: ['orders', 'urn:orders'] }, { algorithms: ['RS256'] })
    expect(await asked(a.mint.token({ claims: { aud: 'orders' } }))).toBe('allowed')
    expect(await asked(a.mint.token())).toBe('401 wrong_audience')
    expect(await asked(b.mint.token())).toBe('401 algorithm_not_allowed')
    expect(await asked(b.mint.token({ claims: { aud: 'orders' } }))).toBe(
      '401 algorithm_not_allowed',
    )
  })

  it('holds each to its own profile', async () => {
    const clock = handClock()
    const plain = await startIssuer(clock)
    const entra = await startIssuer(clock, { algorithm: 'RS256', audience: 'app-id' })
    const guard = createGuard({
      issuers: [
        { issuer: plain.issuer },
        { issuer: entra.issuer, profile: 'entra', audience: 'app-id' },
      ],
      audience: AUDIENCE,
      now: clock.now,
    })
    const [, ofEntra] = PROVIDER_TOKENS.filter(
      ({ profile, kind }) => profile === 'entra' && kind === 'client',
    )
    if (ofEntra === undefined) throw new Error('there is none')
    expect(await ask(guard, plain.mint.token())).toBe('allowed')
    expect(await ask(guard, ofEntra.token(entra.mint))).toBe('allowed')
    expect(await ask(guard, entra.mint.token())).toBe('401 wrong_type')
    expect(await ask(guard, ofEntra.token(plain.mint))).toBe('401 wrong_type')
  })

  it('takes both issuers of one Entra tenant, by the version of the token', async () => {
    const clock = handClock()
    const v1 = await startIssuer(clock, { algorithm: 'RS256', audience: 'api://orders' })
    const v2 = await startIssuer(clock, { algorithm: 'RS256', audience: 'app-id' })
    const guard = createGuard({
      issuers: [
        { issuer: v1.issuer, profile: 'entra', audience: 'api://orders' },
        { issuer: v2.issuer, profile: 'entra', audience: 'app-id' },
      ],
      audience: AUDIENCE,
      now: clock.now,
    })
    const [ofV1, ofV2] = PROVIDER_TOKENS.filter(
      ({ profile, kind }) => profile === 'entra' && kind === 'client',
    )
    expect(await ask(guard, ofV1?.token(v1.mint) ?? '')).toBe('allowed')
    expect(await ask(guard, ofV2?.token(v2.mint) ?? '')).toBe('allowed')
    expect(await ask(guard, ofV1?.token(v1.mint, { aud: 'app-id' }) ?? '')).toBe(
      '401 wrong_audience',
    )
  })

  it('wants a binding of those tokens alone whose profile does', async () => {
    const { a, b, ask: asked, guard } = await start({ profile: 'fapi2' }, {}, { dpop: {} })
    expect(await asked(a.mint.token())).toBe('401 binding_required')
    expect(await asked(b.mint.token())).toBe('allowed')
    const proofs = proofMint()
    const url = 'https://api.example/orders/1'
    const token = a.mint.token({ claims: { cnf: { jkt: proofs.thumbprint } } })
    const headers = new Headers({
      authorization: `DPoP ${token}`,
      dpop: proofs.proof(url, token, a.mint.now()),
    })
    expect(await guard({ method: 'GET', url, headers })).toMatchObject({ allowed: true })
  })

  it('explains an unknown issuer without a word on what it did not look at', async () => {
    const { a, guard } = await start()
    const token = a.mint.token({ claims: { iss: 'https://evil.example' } })
    const { checks } = await guard.explain(bearer(token))
    expect(checks.map(({ name, outcome }) => `${name} ${outcome}`).slice(0, 9)).toEqual([
      'credentials ok',
      'format ok',
      'algorithm skipped',
      'type skipped',
      'key skipped',
      'signature skipped',
      'claims skipped',
      'issuer failed',
      'audience skipped',
    ])
  })

  it('asks whether a token stands of what knows about its issuer, once', async () => {
    const asked: string[] = []
    const marks = revocationMarks({ now: () => 0 })
    const {
      a,
      b,
      ask: ends,
    } = await start(
      {},
      {},
      {
        revocation: [
          revocationHook(({ issuer }) => {
            asked.push(issuer)
            return false
          }),
          marks,
        ],
      },
    )
    marks.revoke('client', 'billing', { issuer: a.issuer, issuedUntil: Infinity, expiresAt: 1e15 })
    expect(await ends(a.mint.token())).toBe('401 revoked')
    expect(await ends(b.mint.token())).toBe('allowed')
    expect(asked).toEqual([a.issuer, b.issuer])
  })
})

describe('opaque tokens and several issuers', () => {
  const active = ({ mint }: Running): JsonObject => ({
    active: true,
    ...mint.claims({ cnf: undefined }),
  })

  it('go to the only issuer that is asked', async () => {
    const { a, b, ask: asked } = await start({}, { introspection: QUESTIONS })
    b.answer = active(b)
    expect(await asked('opaque')).toBe('allowed')
    expect([a.requestsTo('/introspect'), b.requestsTo('/introspect')]).toEqual([0, 1])
  })

  it('go to the issuer whose prefix they have, and to nobody without one', async () => {
    const {
      a,
      b,
      ask: asked,
    } = await start(
      { introspection: { ...QUESTIONS, prefix: 'aaa_' } },
      { introspection: { ...QUESTIONS, prefix: 'bbb_' } },
    )
    a.answer = active(a)
    b.answer = active(b)
    expect(await asked('aaa_1')).toBe('allowed')
    expect(await asked('bbb_1')).toBe('allowed')
    for (const token of ['ccc_1', 'AAA_1', 'a', ' aaa_1'.trim().slice(1)]) {
      expect(await asked(token)).toBe('401 malformed_token')
    }
    expect([a.requestsTo('/introspect'), b.requestsTo('/introspect')]).toEqual([1, 1])
  })

  it('are refused where the issuer answers for another one [field:34]', async () => {
    const { a, b, ask: asked } = await start({}, { introspection: QUESTIONS })
    b.answer = active(a)
    expect(await asked('opaque')).toBe('401 wrong_issuer')
  })

  it('are refused where nobody is asked', async () => {
    const { ask: asked } = await start()
    expect(await asked('opaque')).toBe('401 malformed_token')
  })

  it('leave JWTs to the issuer that they name, which is asked about them if it is about all', async () => {
    const {
      a,
      b,
      ask: asked,
    } = await start(
      { introspection: { ...QUESTIONS, tokens: 'all', prefix: 'aaa_' } },
      { introspection: { ...QUESTIONS, prefix: 'bbb_' } },
    )
    a.answer = { active: false }
    expect(await asked(a.mint.token())).toBe('401 inactive')
    expect(await asked(b.mint.token())).toBe('allowed')
    expect([a.requestsTo('/introspect'), b.requestsTo('/introspect')]).toEqual([1, 0])
  })

  it('of one issuer are not asked about without its prefix either', async () => {
    const clock = handClock()
    const only = await startIssuer(clock)
    only.answer = active(only)
    const guard = createGuard({
      issuer: only.issuer,
      audience: AUDIENCE,
      now: clock.now,
      introspection: { ...QUESTIONS, prefix: 'cst_' },
    })
    expect(await ask(guard, 'cst_1')).toBe('allowed')
    expect(await ask(guard, 'other')).toBe('401 malformed_token')
    expect(only.requestsTo('/introspect')).toBe(1)
  })
})

describe('introspection under a profile', () => {
  const introspection = { ...QUESTIONS, tokens: 'all' } as const

  it("knows Keycloak's service accounts by its answer, and refuses other kinds of token", async () => {
    const clock = handClock()
    const realm = await startIssuer(clock, { algorithm: 'RS256' })
    const guard = createGuard({
      issuer: realm.issuer,
      profile: 'keycloak',
      audience: AUDIENCE,
      now: clock.now,
      introspection: { ...introspection, maxAge: 0, maxInactiveAge: 0 },
    })
    const base = {
      ...realm.mint.claims(),
      sub: '1d2d88f8-8b68-4b6b-883f-1af68b598612',
      azp: 'billing',
      client_id: 'billing',
      typ: 'Bearer',
      token_type: 'Bearer',
      active: true,
    }
    realm.answer = { ...base, preferred_username: 'service-account-billing' }
    expect(await ask(guard, 'one')).toBe('allowed')
    realm.answer = { ...base, preferred_username: 'ada' }
    expect(await ask(guard, 'two')).toBe('403 principal_kind')
    const named = { preferred_username: 'service-account-billing', auth_time: 1_790_000_000 }
    realm.answer = { ...base, ...named }
    expect(await ask(guard, 'three')).toBe('403 principal_kind')
    realm.answer = { ...base, preferred_username: 'service-account-billing', typ: 'ID' }
    expect(await ask(guard, 'four')).toBe('401 wrong_type')
  })

  it("reads Okta's answers by the names of the standard", async () => {
    const clock = handClock()
    const okta = await startIssuer(clock)
    const guard = createGuard({
      issuer: okta.issuer,
      profile: 'okta',
      audience: AUDIENCE,
      now: clock.now,
      introspection: { ...introspection, maxAge: 0, maxInactiveAge: 0 },
    })
    const base = { ...okta.mint.claims({ jti: 'AT.1' }), token_type: 'Bearer', active: true }
    okta.answer = base
    expect(await ask(guard, 'one')).toBe('allowed')
    okta.answer = { ...base, sub: 'ada@shop.example', uid: '00u' }
    expect(await ask(guard, 'two')).toBe('403 principal_kind')
    okta.answer = { ...base, jti: 'ID.1' }
    expect(await ask(guard, 'three')).toBe('401 wrong_type')
  })
})

describe('createGuard options for several issuers', () => {
  const one = { issuer: 'https://one.example' }
  const two = { issuer: 'https://two.example' }
  const good = { audience: AUDIENCE, issuers: [one, two] }

  it.each([
    [{ ...good, issuers: [] }, 'issuers'],
    [{ ...good, issuers: one }, 'issuers'],
    [{ ...good, issuers: ['https://one.example'] }, 'issuers[0]'],
    [{ ...good, issuers: [one, { issuer: 'http://two.example' }] }, 'issuers[1].issuer'],
    [{ ...good, issuers: [one, { profile: 'okta' }] }, 'issuers[1].issuer'],
    [{ ...good, issuers: [one, two, one] }, 'issuers[2].issuer'],
    [{ ...good, issuers: [one, { ...two, profile: 'entre' }] }, 'issuers[1].profile'],
    [{ ...good, issuers: [one, { ...two, audience: [] }] }, 'issuers[1].audience'],
    [{ ...good, issuers: [one, { ...two, realm: 'x' }] }, 'issuers[1].realm'],
    [{ ...good, issuers: [one, { ...two, profile: 'cognito' }] }, 'issuers[1].clients'],
    [{ ...good, audience: undefined }, 'audience'],
    [{ ...good, issuer: 'https://one.example' }, 'issuer'],
    [{ ...good, jwksUri: 'https://one.example/jwks' }, 'jwksUri'],
    [{ ...good, algorithms: ['ES256'] }, 'algorithms'],
    [{ ...good, profile: 'okta' }, 'profile'],
    [{ ...good, introspection: QUESTIONS }, 'introspection'],
    [{ ...good, issuers: [one, { ...two, profile: 'fapi2' }] }, 'binding'],
    [{ ...good, issuers: undefined, issuer: one.issuer, profile: 'fapi2' }, 'binding'],
    ...[
      [undefined, 'bbb_'],
      ['bbb', 'bbb_'],
      ['bbb_', 'bbb_'],
    ].map(([first, second]): [unknown, string] => [
      {
        ...good,
        issuers: [
          { ...one, introspection: { ...QUESTIONS, ...(first && { prefix: first }) } },
          { ...two, introspection: { ...QUESTIONS, prefix: second } },
        ],
      },
      'issuers[0].introspection.prefix',
    ]),
    ...['', 'a.b', 'a b', 7].map((prefix): [unknown, string] => [
      { ...good, issuers: [{ ...one, introspection: { ...QUESTIONS, prefix } }] },
      'issuers[0].introspection.prefix',
    ]),
  ])('are refused: %j, naming %s', (options, option) => {
    expect(() => createGuard(options as GuardOptions)).toThrow(
      expect.objectContaining({ name: 'ArgumentError', option }),
    )
  })

  it('come from a declaration too, which knows its authorization servers', () => {
    const orders = protectedResource({
      resource: AUDIENCE,
      authorizationServers: [one.issuer, two.issuer],
      scopes: { 'orders:read': 'Read orders' },
    })
    expect(() => orders.guard({ issuers: [one, two] })).not.toThrow()
    expect(() => orders.guard()).toThrow(expect.objectContaining({ option: 'issuer' }))
    expect(() => orders.guard({ issuers: [one, { issuer: 'https://three.example' }] })).toThrow(
      expect.objectContaining({ option: 'issuers[1].issuer' }),
    )
    expect(() => orders.guard({ issuer: one.issuer, issuers: [two] })).toThrow(
      expect.objectContaining({ option: 'issuer' }),
    )
  })
})
