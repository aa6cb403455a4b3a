import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTokenAuthorization, parseBearerAuthorization } from './bearer-token.ts'

describe('formatTokenAuthorization and parseBearerAuthorization', () => {
  it('[std:28] [std:32] return the token they were given', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,60}={0,2}$/), (token) => {
        expect(parseBearerAuthorization(formatTokenAuthorization('Bearer', token))).toEqual({
          kind: 'token',
          token,
        })
      }),
    )
  })

  it('parse never throws, whatever the header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['none', 'malformed', 'token']).toContain(parseBearerAuthorization(text).kind)
        expect(['malformed', 'token']).toContain(parseBearerAuthorization(`Bearer ${text}`).kind)
      }),
    )
  })
})

describe('parseBearerAuthorization', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'Bearer    abc', 'Bearer abc  '])(
    '[std:51] reads %j',
    (header) => {
      expect(parseBearerAuthorization(header)).toEqual({ kind: 'token', token: 'abc' })
    },
  )

  it.each([
    ['no header', null],
    ['an undefined header', undefined],
    ['an empty header', ''],
    ['Basic', 'Basic YTpi'],
    ['DPoP', 'DPoP abc'],
    ['a scheme that starts alike', 'Bearers abc'],
    ['a parameter called bearer', 'Digest a="b", bearer="c"'],
  ])('[std:37] finds no token in %s', (_what, header) => {
    expect(parseBearerAuthorization(header)).toEqual({ kind: 'none' })
  })

  it.each([
    ['the scheme alone', 'Bearer'],
    ['blanks alone', 'Bearer   '],
    ['a blank inside', 'Bearer abc def'],
    ['a quote', 'Bearer "abc"'],
    ['a line break', 'Bearer abc\ndef'],
    ['a letter outside ASCII', 'Bearer abcé'],
    ['padding in the middle', 'Bearer ab=c'],
    ['padding alone', 'Bearer =='],
  ])('[std:38] finds %s malformed', (_what, header) => {
    expect(parseBearerAuthorization(header).kind).toBe('malformed')
  })

  it.each(['Bearer abc, Bearer def', 'Basic YTpi, Bearer abc', 'Bearer abc,Bearer def'])(
    '[std:57] finds two headers in one value malformed: %s',
    (header) => {
      expect(parseBearerAuthorization(header)).toEqual({
        kind: 'malformed',
        reason: 'more than one Authorization header',
      })
    },
  )

  it('never repeats the token in a reason', () => {
    const { kind, ...rest } = parseBearerAuthorization('Bearer marker marker')
    expect(kind).toBe('malformed')
    expect(JSON.stringify(rest)).not.toContain('marker')
  })
})

describe('formatTokenAuthorization', () => {
  it('[std:214] writes the scheme of the token type', () => {
    expect(formatTokenAuthorization('DPoP', 'abc')).toBe('DPoP abc')
  })
})
