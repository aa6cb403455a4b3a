import { createGuard } from '@countersign/guard'
import { revocationHook, revocationMarks } from '@countersign/guard/revocation'
import { handClock } from '@countersign/testkit'
import { PROVIDER_TOKENS, proofMint, tokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, bearer } from './scripted-issuer.ts'
import { askGuard, startIssuer, startTwo } from './two-issuers.ts'

describe('a guard of several issuers', () => {
  it('takes the tokens of each, and says whose they are', async () => {
    const { a, b, guard } = await startTwo()
    for (const { issuer, mint } of [a, b, a]) {
      const verdict = await guard(bearer(mint.token()))
      expect(verdict).toMatchObject({ allowed: true, token: { issuer } })
    }
    expect([a.requestsTo('/jwks'), b.requestsTo('/jwks')]).toEqual([1, 1])
  })

  it('loads nothing for a token of another issuer, and does not look at the rest of it', async () => {
    const { a, b, guard, events } = await startTwo()
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
      expect([iss, await askGuard(guard, a.mint.token({ claims: { iss } }))]).toEqual([
        iss,
        '401 unknown_issuer',
      ])
    }
    expect(await askGuard(guard, `${'a'.repeat(16_384)}.b.c`)).toBe('401 malformed_token')
    expect(await askGuard(guard, 'a.b.c')).toBe('401 malformed_token')
    expect(await askGuard(guard, a.mint.sign('{"alg":"ES256"}', '[]'))).toBe('401 malformed_token')
    expect([...a.server.requests, ...b.server.requests]).toEqual([])
    expect(events.every((event) => event.type === 'denied' && !event.clientId)).toBe(true)
  })

  it('tells the same of both on the wire: a stranger cannot find out whom it trusts', async () => {
    const { a, guard } = await startTwo()
    const single = createGuard({ issuer: a.issuer, audience: AUDIENCE, now: a.mint.now })
    const token = a.mint.token({ claims: { iss: 'https://evil.example' } })
    const [one, several] = [await single(bearer(token)), await guard(bearer(token))]
    expect(several).toMatchObject({ challenge: one.allowed ? '' : one.challenge })
  })

  it('never checks a token of one issuer with a key of another, though the kid is the same [field:49] [field:58]', async () => {
    const { a, b, ask: asked } = await startTwo()
    // Each is warm, so that the keys of both are held.
    expect(await asked(a.mint.token())).toBe('allowed')
    expect(await asked(b.mint.token())).toBe('allowed')
    expect(await asked(a.mint.token({ claims: { iss: b.issuer } }))).toBe('401 bad_signature')
    expect(await asked(b.mint.token({ claims: { iss: a.issuer } }))).toBe('401 bad_signature')
  })

  it('resolves a kid that only one issuer has for that one alone [field:58]', async () => {
    const { clock, a, b, ask: asked } = await startTwo()
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
    const { clock, a, b, ask: asked } = await startTwo()
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
    const { a, b, guard, events, ask: asked } = await startTwo()
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
    const both = await startTwo()
    await both.guard.ready()
    expect([both.a.requestsTo('/jwks'), both.b.requestsTo('/jwks')]).toEqual([1, 1])
    const one = await startTwo()
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
    } = await startTwo({ audience: ['orders', 'urn:orders'] }, { algorithms: ['RS256'] })
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
    expect(await askGuard(guard, plain.mint.token())).toBe('allowed')
    expect(await askGuard(guard, ofEntra.token(entra.mint))).toBe('allowed')
    expect(await askGuard(guard, entra.mint.token())).toBe('401 wrong_type')
    expect(await askGuard(guard, ofEntra.token(plain.mint))).toBe('401 wrong_type')
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
    expect(await askGuard(guard, ofV1?.token(v1.mint) ?? '')).toBe('allowed')
    expect(await askGuard(guard, ofV2?.token(v2.mint) ?? '')).toBe('allowed')
    expect(await askGuard(guard, ofV1?.token(v1.mint, { aud: 'app-id' }) ?? '')).toBe(
      '401 wrong_audience',
    )
  })

  it('wants a binding of those tokens alone whose profile does', async () => {
    const { a, b, ask: asked, guard } = await startTwo({ profile: 'fapi2' }, {}, { dpop: {} })
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
    const { a, guard } = await startTwo()
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
    } = await startTwo(
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

  it('asks what knows about one issuer alone about no token of another', async () => {
    const asked: string[] = []
    const revocation = revocationHook(({ issuer }) => {
      asked.push(issuer)
      return true
    })
    const { a, b, ask } = await startTwo({ revocation })
    expect(await ask(b.mint.token())).toBe('allowed')
    expect(asked).toEqual([])
    expect(await ask(a.mint.token())).toBe('401 revoked')
    expect(asked).toEqual([a.issuer])
  })

  it('forgets a token that it remembers with its key, at its own issuer alone [field:62]', async () => {
    const { clock, a, b, ask } = await startTwo()
    const exp = clock.now() / 1000 + 7200
    const tokens = [a, b].map(({ mint }) => mint.token({ claims: { exp } }))
    const [ofA = '', ofB = ''] = tokens
    for (const token of [...tokens, ...tokens]) expect(await ask(token)).toBe('allowed')
    a.keys = [tokenMint({ issuer: a.issuer, audience: AUDIENCE, now: clock.now, kid: 'new' }).jwk]
    clock.advance(3_600_000)
    expect(await ask(ofB)).toBe('allowed')
    expect(await ask(ofA)).toBe('401 unknown_key')
    expect(await ask(ofB)).toBe('allowed')
  })
})
