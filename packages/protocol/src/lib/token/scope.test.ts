import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatScope, isScopeToken, parseScope } from './scope.ts'

const scopeToken = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,12}$/)

describe('formatScope and parseScope', () => {
  it('return the scopes they were given, in order and once each', () => {
    fc.assert(
      fc.property(fc.uniqueArray(scopeToken), (scopes) => {
        expect(parseScope(formatScope(scopes))).toEqual({ ok: true, value: scopes })
      }),
    )
  })
})

describe('parseScope', () => {
  it.each([
    ['the empty text', '', []],
    ['blanks alone', '   ', []],
    ['one scope', 'orders:read', ['orders:read']],
    ['several blanks', ' a  b ', ['a', 'b']],
    ['repeats', 'a b a', ['a', 'b']],
    ['two scopes that differ in case', 'a A', ['a', 'A']],
    ['a URL', 'https://api.example/orders.read', ['https://api.example/orders.read']],
    ['__proto__', '__proto__', ['__proto__']],
  ])('[std:10] reads %s', (_what, text, scopes) => {
    expect(parseScope(text)).toEqual({ ok: true, value: scopes })
  })

  it.each([
    ['a quote', 'a"b'],
    ['a backslash', 'a\\b'],
    ['a tab', 'a\tb'],
    ['a line break', 'a\nb'],
    ['a letter outside ASCII', 'é'],
    ['a no-break space', 'a\u00a0b'],
    ['a zero character', 'a\0'],
    ['a delete character', 'a\u007f'],
    ['a list', ['a']],
    ['nothing', undefined],
    ['a number', 7],
  ])('[std:36] refuses %s', (_what, value) => {
    expect(parseScope(value)).toMatchObject({ ok: false, member: 'scope' })
  })
})

describe('isScopeToken', () => {
  it('is false for the empty text and for two scopes', () => {
    expect(['', 'a b', 'a', 7].map(isScopeToken)).toEqual([false, false, true, false])
  })
})
