import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTokenAuthorization, parseTokenAuthorization } from './bearer-token.ts'

const parseBearer = (header: string | null | undefined) =>
  parseTokenAuthorization(header, ['Bearer'])

describe('formatTokenAuthorization and parseTokenAuthorization', () => {
  it('[std:28] [std:32] return the token they were given', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,60}={0,2}$/), (token) => {
        expect(parseBearer(formatTokenAuthorization('Bearer', token))).toEqual({
          kind: 'token',
          type: 'Bearer',
          token,
        })
      }),
    )
  })

  it('parse never throws, whatever the header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['none', 'malformed', 'token']).toContain(parseBearer(text).kind)
        expect(['malformed', 'token']).toContain(parseBearer(`Bearer ${text}`).kind)
      }),
    )
  })
})

describe('parseTokenAuthorization', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'Bearer    abc', 'Bearer abc  '])(
    '[std:51] reads %j',
    (header) => {
      expect(parseBearer(header)).toEqual({ kind: 'token', type: 'Bearer', token: 'abc' })
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
    expect(parseBearer(header)).toEqual({ kind: 'none' })
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
    expect(parseBearer(header).kind).toBe('malformed')
  })

  it.each(['Bearer abc, Bearer def', 'Basic YTpi, Bearer abc', 'Bearer abc,Bearer def'])(
    '[std:57] finds two headers in one value malformed: %s',
    (header) => {
      expect(parseBearer(header)).toEqual({
        kind: 'malformed',
        reason: 'more than one Authorization header',
      })
    },
  )

  it('never repeats the token in a reason', () => {
    const { kind, ...rest } = parseBearer('Bearer marker marker')
    expect(kind).toBe('malformed')
    expect(JSON.stringify(rest)).not.toContain('marker')
  })
})

describe('formatTokenAuthorization', () => {
  it('[std:214] writes the scheme of the token type', () => {
    expect(formatTokenAuthorization('DPoP', 'abc')).toBe('DPoP abc')
  })
})

describe('parseTokenAuthorization, where DPoP is taken too', () => {
  const parse = (header: string) => parseTokenAuthorization(header, ['Bearer', 'DPoP'])

  it.each(['DPoP abc', 'dpop abc', 'DPOP   abc '])('[std:222] reads %j', (header) => {
    expect(parse(header)).toEqual({ kind: 'token', type: 'DPoP', token: 'abc' })
  })

  it.each([
    'DPoP',
    'DPoP a b',
    'DPoP abc, Bearer abc',
    'Bearer abc, DPoP abc',
    'Basic YTpi, dpop a',
  ])('[std:225] finds %j malformed', (header) => expect(parse(header).kind).toBe('malformed'))

  it('tells it from schemes that start alike', () => {
    expect(parse('DPoPs abc')).toEqual({ kind: 'none' })
    expect(parse('Bearer abc')).toEqual({ kind: 'token', type: 'Bearer', token: 'abc' })
  })
})
