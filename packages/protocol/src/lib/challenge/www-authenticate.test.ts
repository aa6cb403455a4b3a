import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatChallenges, parseChallenges, type Challenge } from './www-authenticate.ts'

function challenge(
  scheme: string,
  parameters: Record<string, string> = {},
  token68?: string,
): Challenge {
  return {
    scheme,
    parameters: new Map(Object.entries(parameters)),
    ...(token68 !== undefined && { token68 }),
  }
}

const tokenLetter = fc.constantFrom(..."abcxyz019!#$%&'*+-.^_`|~".split(''))
const name = fc.string({ unit: tokenLetter, minLength: 1, maxLength: 8 })
const printable = fc.string({
  unit: fc.constantFrom(...' !"#,;=\\()<>azAZ09/?~'.split('')),
  maxLength: 12,
})
const anyChallenge: fc.Arbitrary<Challenge> = fc.oneof(
  fc
    .tuple(name, fc.uniqueArray(fc.tuple(name, printable), { selector: ([key]) => key }))
    .map(([scheme, entries]) => ({ scheme, parameters: new Map(entries) })),
  fc
    .tuple(name, fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,8}={0,2}$/))
    .map(([scheme, token68]) => ({ scheme, parameters: new Map<string, string>(), token68 })),
)

describe('formatChallenges and parseChallenges', () => {
  it('[std:53] [std:54] [std:56] return the challenges they were given', () => {
    fc.assert(
      fc.property(fc.array(anyChallenge, { maxLength: 4 }), (challenges) => {
        expect(parseChallenges(formatChallenges(challenges))).toEqual({
          ok: true,
          value: challenges,
        })
      }),
    )
  })

  it('parse never throws, whatever the header', () => {
    const piece = fc.constantFrom('Bearer', 'realm', '=', '"', '\\', ',', ' ', '\t', 'a', '==', 'é')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        expect(typeof parseChallenges(pieces.join('')).ok).toBe('boolean')
      }),
    )
  })
})

describe('parseChallenges', () => {
  const table: readonly [string, string, readonly Challenge[]][] = [
    ['nothing', '', []],
    ['blanks and commas alone', ' , ,\t', []],
    ['a scheme alone', 'Bearer', [challenge('Bearer')]],
    ['one parameter', 'Bearer realm="api"', [challenge('Bearer', { realm: 'api' })]],
    [
      'a token value',
      'Bearer error=invalid_token',
      [challenge('Bearer', { error: 'invalid_token' })],
    ],
    [
      'several challenges in one field, as in RFC 9110 section 11.6.1',
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      [
        challenge('Basic', { realm: 'simple' }),
        challenge('Newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }),
      ],
    ],
    [
      'the error of RFC 6750 section 3',
      'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
      [
        challenge('Bearer', {
          realm: 'example',
          error: 'invalid_token',
          error_description: 'The access token expired',
        }),
      ],
    ],
    ['names in any case', 'BEARER ReAlM="api"', [challenge('BEARER', { realm: 'api' })]],
    [
      'a comma inside quotes',
      'Bearer realm="a, Basic b=c"',
      [challenge('Bearer', { realm: 'a, Basic b=c' })],
    ],
    ['a quoted pair', 'Bearer realm="a\\\\\\"\\b"', [challenge('Bearer', { realm: 'a\\"b' })]],
    ['an empty value', 'Bearer realm=""', [challenge('Bearer', { realm: '' })]],
    [
      'blanks around the equals sign',
      'Bearer realm \t= "api"',
      [challenge('Bearer', { realm: 'api' })],
    ],
    [
      'empty list elements',
      ', Bearer realm="a",, ,error=b ,',
      [challenge('Bearer', { realm: 'a', error: 'b' })],
    ],
    ['a token68', 'Negotiate YIIB/+~._-==', [challenge('Negotiate', {}, 'YIIB/+~._-==')]],
    [
      'a token68 before another challenge',
      'Negotiate abc=, Bearer scope="a b"',
      [challenge('Negotiate', {}, 'abc='), challenge('Bearer', { scope: 'a b' })],
    ],
    [
      'a scheme alone before and after others',
      'Negotiate, Bearer realm="x", NTLM',
      [challenge('Negotiate'), challenge('Bearer', { realm: 'x' }), challenge('NTLM')],
    ],
    [
      'an unknown scheme',
      'X-Corp+SSO! a=1, Bearer b=2',
      [challenge('X-Corp+SSO!', { a: '1' }), challenge('Bearer', { b: '2' })],
    ],
    [
      'two Bearer challenges, kept apart',
      'Bearer realm="a", Bearer realm="b"',
      [challenge('Bearer', { realm: 'a' }), challenge('Bearer', { realm: 'b' })],
    ],
    [
      'a repeated parameter: the first counts',
      'Bearer error="invalid_token", ERROR="other"',
      [challenge('Bearer', { error: 'invalid_token' })],
    ],
    [
      'a parameter called __proto__',
      'Bearer __proto__="x"',
      [{ scheme: 'Bearer', parameters: new Map([['__proto__', 'x']]) }],
    ],
  ]
  it.each(table)('[std:53] [std:54] reads %s', (_what, header, challenges) => {
    expect(parseChallenges(header)).toEqual({ ok: true, value: challenges })
  })

  it.each([
    ['a quote that never closes', 'Bearer realm="api'],
    ['a quote that closes too early', 'Bearer realm="a"b'],
    ['a backslash at the end', 'Bearer realm="a\\'],
    ['a parameter with no value', 'Bearer realm="a", error='],
    ['a parameter with no scheme', '="a"'],
    ['two challenges with no comma', 'Basic realm="a" Bearer realm="b"'],
    ['two parameters with no comma', 'Bearer realm="a" error="b"'],
    ['a token68 followed by a parameter', 'Negotiate abc= realm="x"'],
    ['a parameter after a token68 and a comma', 'Negotiate abc=, realm="x"'],
    ['a letter outside the token set', 'Bearer réalm="x"'],
    ['a scheme in quotes', '"Bearer" realm="x"'],
    ['a single quote', "Bearer realm='two words'"],
  ])('[std:54] refuses %s', (_what, header) => {
    expect(parseChallenges(header)).toMatchObject({ ok: false, member: 'www-authenticate' })
  })

  it('reads a hostile header of 100,000 characters without effort', () => {
    const length = 100_000
    const started = performance.now()
    for (const piece of ['a', ' ', '=', ',', '"', '\\"', 'a=', 'a ', 'a,', 'a=b,', 'a="b", ']) {
      parseChallenges(`Bearer x="${piece.repeat(length / piece.length)}`)
      parseChallenges(`Bearer ${piece.repeat(length / piece.length)}`)
      parseChallenges(piece.repeat(length / piece.length))
    }
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('formatChallenges', () => {
  it('[std:36] [std:56] writes every value as a quoted string [field:48]', () => {
    expect(
      formatChallenges([
        challenge('Bearer', { realm: 'a "b" \\', scope: 'x y' }),
        challenge('Basic'),
      ]),
    ).toBe('Bearer realm="a \\"b\\" \\\\", scope="x y", Basic')
  })

  it.each([
    ['a scheme with a blank', challenge('Be arer')],
    ['an empty scheme', challenge('')],
    ['a parameter name with a blank', challenge('Bearer', { 'a b': 'c' })],
    ['a line break in a value', challenge('Bearer', { realm: 'a\r\nSet-Cookie: b' })],
    ['a lone line feed in a value', challenge('Bearer', { error_description: 'a\nb' })],
    ['a NUL in a value', challenge('Bearer', { error_description: 'a\u0000b' })],
    ['a tab in a value', challenge('Bearer', { error_description: 'a\tb' })],
    ['a DEL in a value', challenge('Bearer', { error_description: 'a\u007fb' })],
    ['a C1 control in a value', challenge('Bearer', { error_description: 'a\u0085b' })],
    ['a letter outside ASCII in a value', challenge('Bearer', { realm: 'é' })],
    ['a blank in a token68', challenge('Negotiate', {}, 'a b')],
  ])('[std:36] throws for %s [field:48]', (_what, broken) => {
    expect(() => formatChallenges([broken])).toThrow(RangeError)
  })
})
