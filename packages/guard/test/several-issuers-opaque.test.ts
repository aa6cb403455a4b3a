import { createGuard } from '@countersign/guard'
import type { JsonObject } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { AUDIENCE } from './scripted-issuer.ts'
import { askGuard, QUESTIONS, startIssuer, startTwo, type RunningIssuer } from './two-issuers.ts'

describe('opaque tokens and several issuers', () => {
  const active = ({ mint }: RunningIssuer): JsonObject => ({
    active: true,
    ...mint.claims({ cnf: undefined }),
  })

  it('go to the only issuer that is asked', async () => {
    const { a, b, ask: asked } = await startTwo({}, { introspection: QUESTIONS })
    b.answer = active(b)
    expect(await asked('opaque')).toBe('allowed')
    expect([a.requestsTo('/introspect'), b.requestsTo('/introspect')]).toEqual([0, 1])
  })

  it('go to the issuer whose prefix they have, and to nobody without one', async () => {
    const {
      a,
      b,
      ask: asked,
    } = await startTwo(
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
    const { a, b, ask: asked } = await startTwo({}, { introspection: QUESTIONS })
    b.answer = active(a)
    expect(await asked('opaque')).toBe('401 wrong_issuer')
  })

  it('are refused where nobody is asked', async () => {
    const { ask: asked } = await startTwo()
    expect(await asked('opaque')).toBe('401 malformed_token')
  })

  it('leave JWTs to the issuer that they name, which is asked about them if it is about all', async () => {
    const {
      a,
      b,
      ask: asked,
    } = await startTwo(
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
    expect(await askGuard(guard, 'cst_1')).toBe('allowed')
    expect(await askGuard(guard, 'other')).toBe('401 malformed_token')
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
    expect(await askGuard(guard, 'one')).toBe('allowed')
    realm.answer = { ...base, preferred_username: 'ada' }
    expect(await askGuard(guard, 'two')).toBe('403 principal_kind')
    const named = { preferred_username: 'service-account-billing', auth_time: 1_790_000_000 }
    realm.answer = { ...base, ...named }
    expect(await askGuard(guard, 'three')).toBe('403 principal_kind')
    realm.answer = { ...base, preferred_username: 'service-account-billing', typ: 'ID' }
    expect(await askGuard(guard, 'four')).toBe('401 wrong_type')
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
    expect(await askGuard(guard, 'one')).toBe('allowed')
    okta.answer = { ...base, sub: 'ada@shop.example', uid: '00u' }
    expect(await askGuard(guard, 'two')).toBe('403 principal_kind')
    okta.answer = { ...base, jti: 'ID.1' }
    expect(await askGuard(guard, 'three')).toBe('401 wrong_type')
  })
})
