import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ScopeToken } from './scope.ts'
import {
  formatTokenResponse,
  MAX_EXPIRES_IN,
  parseTokenResponse,
  type TokenResponse,
} from './token-response.ts'

const BODY = { access_token: 'abc', token_type: 'Bearer', expires_in: 3600 }
const seconds = fc.option(fc.integer({ min: 0, max: MAX_EXPIRES_IN }), { nil: undefined })
const response: fc.Arbitrary<TokenResponse> = fc.record({
  accessToken: fc.stringMatching(/^[\x21-\x7e]{1,40}$/),
  tokenType: fc.constantFrom('Bearer', 'DPoP'),
  expiresIn: seconds,
  scope: fc.option(
    fc.uniqueArray(fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,12}$/)) as fc.Arbitrary<
      ScopeToken[]
    >,
    { nil: undefined },
  ),
  refreshIn: seconds,
})

describe('formatTokenResponse and parseTokenResponse', () => {
  it('return the response they were given', () => {
    fc.assert(
      fc.property(response, (given) => {
        const body: unknown = JSON.parse(JSON.stringify(formatTokenResponse(given)))
        expect(parseTokenResponse(body)).toEqual({ ok: true, value: given })
      }),
    )
  })

  it('parse never throws, whatever the members', () => {
    const body = fc.record(
      {
        access_token: fc.anything(),
        token_type: fc.anything(),
        expires_in: fc.anything(),
        scope: fc.anything(),
        refresh_in: fc.anything(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(body, fc.anything()), (value) => {
        expect(typeof parseTokenResponse(value).ok).toBe('boolean')
      }),
    )
  })
})

describe('parseTokenResponse on expires_in', () => {
  const outcomes: readonly [string, unknown, number | undefined | 'refused'][] = [
    ['a number', 3600, 3600],
    ['a numeric string', '3600', 3600],
    ['a numeric string in blanks', ' 3600 ', 3600],
    ['a fraction', 3599.9, 3599],
    ['a fraction as a string', '3599.9', 3599],
    ['zero: use once', 0, 0],
    ['zero as a string', '0', 0],
    ['missing', undefined, undefined],
    ['null', null, undefined],
    ['the empty string', '', undefined],
    ['ten years', MAX_EXPIRES_IN, MAX_EXPIRES_IN],
    ['over ten years', MAX_EXPIRES_IN + 1, MAX_EXPIRES_IN],
    ['an epoch time in milliseconds', 1_790_000_000_000, MAX_EXPIRES_IN],
    ['the largest number', Number.MAX_VALUE, MAX_EXPIRES_IN],
    ['negative', -1, 'refused'],
    ['negative as a string', '-1', 'refused'],
    ['NaN', NaN, 'refused'],
    ['infinite', Infinity, 'refused'],
    ['true', true, 'refused'],
    ['an object', { seconds: 3600 }, 'refused'],
    ['a list', [3600], 'refused'],
    ['a word', 'never', 'refused'],
    ['a unit', '3600s', 'refused'],
    ['an exponent', '1e3', 'refused'],
    ['hexadecimal', '0xE10', 'refused'],
    ['digits outside ASCII', '\u0663\u0666', 'refused'],
    ['a date', '2026-01-01T00:00:00Z', 'refused'],
    ['a thousand digits', '9'.repeat(1000), 'refused'],
  ]
  it.each(outcomes)('[std:10] %s', (_what, expires_in, outcome) => {
    const parsed = parseTokenResponse({ ...BODY, expires_in })
    expect(parsed).toMatchObject(
      outcome === 'refused'
        ? { ok: false, member: 'expires_in' }
        : { ok: true, value: { expiresIn: outcome } },
    )
  })
})

describe('parseTokenResponse on token_type', () => {
  const outcomes: readonly [string, unknown, string][] = [
    ['Bearer', 'Bearer', 'Bearer'],
    ['lower case', 'bearer', 'Bearer'],
    ['upper case', 'BEARER', 'Bearer'],
    ['DPoP', 'DPoP', 'DPoP'],
    ['dpop in lower case', 'dpop', 'DPoP'],
    ['missing', undefined, 'Bearer'],
    ['null', null, 'Bearer'],
    ['MAC', 'mac', 'refused'],
    ['N_A', 'N_A', 'refused'],
    ['the empty string', '', 'refused'],
    ['Bearer and a blank', 'Bearer ', 'refused'],
    ['a list', ['Bearer'], 'refused'],
    ['a number', 7, 'refused'],
  ]
  it.each(outcomes)('[std:11] %s', (_what, token_type, outcome) => {
    const parsed = parseTokenResponse({ ...BODY, token_type })
    expect(parsed).toMatchObject(
      outcome === 'refused'
        ? { ok: false, member: 'token_type' }
        : { ok: true, value: { tokenType: outcome } },
    )
  })
})

describe('parseTokenResponse', () => {
  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['a number', 7],
    ['an object', { value: 'abc' }],
    ['text with a line break', 'abc\r\nX-Injected: 1'],
    ['text with a blank', 'abc def'],
    ['text outside ASCII', 'abcé'],
  ])('refuses an access token that is %s', (_what, access_token) => {
    expect(parseTokenResponse({ ...BODY, access_token })).toMatchObject({
      ok: false,
      member: 'access_token',
    })
  })

  it('[std:9] ignores unknown members and takes a long token', () => {
    const access_token = 'a'.repeat(100_000)
    expect(parseTokenResponse({ ...BODY, access_token, id_token: 7, x: [] })).toMatchObject({
      value: { accessToken: access_token },
    })
  })

  it('[std:10] tells a scope that is absent from one that is empty', () => {
    expect(parseTokenResponse(BODY)).toMatchObject({ value: { scope: undefined } })
    expect(parseTokenResponse({ ...BODY, scope: '' })).toMatchObject({ value: { scope: [] } })
  })

  it('reads a scope that came as a list', () => {
    expect(parseTokenResponse({ ...BODY, scope: ['a', 'b', 'a'] })).toMatchObject({
      value: { scope: ['a', 'b'] },
    })
    expect(parseTokenResponse({ ...BODY, scope: ['a b'] })).toMatchObject({ member: 'scope' })
    expect(parseTokenResponse({ ...BODY, scope: { a: true } })).toMatchObject({ member: 'scope' })
  })

  it('drops a renewal hint that cannot be read', () => {
    expect(parseTokenResponse({ ...BODY, refresh_in: 60 })).toMatchObject({
      value: { refreshIn: 60 },
    })
    expect(parseTokenResponse({ ...BODY, refresh_in: -1 })).toMatchObject({
      ok: true,
      value: { refreshIn: undefined },
    })
  })

  it.each([null, undefined, [], 'text', 7])('refuses %j in place of a body', (body) => {
    expect(parseTokenResponse(body)).toMatchObject({ ok: false, member: 'body' })
  })

  it('does not read members of __proto__', () => {
    const body: unknown = JSON.parse('{"__proto__":{"access_token":"abc"}}')
    expect(parseTokenResponse(body)).toMatchObject({ ok: false, member: 'access_token' })
  })

  it('never repeats the token in a reason', () => {
    const access_token = 'marker marker'
    expect(JSON.stringify(parseTokenResponse({ ...BODY, access_token }))).not.toContain('marker')
  })
})
