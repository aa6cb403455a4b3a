import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBase64url, parseBase64url } from './base64url.ts'

describe('formatBase64url and parseBase64url', () => {
  it('[std:84] return the bytes they were given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseBase64url(formatBase64url(bytes))).toEqual(bytes)
      }),
    )
  })

  it('write what the platform writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(formatBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      }),
    )
  })

  it('[std:84] accept one text for each value, and no other', () => {
    const letters = 'ABCDabcd0189-_+/= \n.é'.split('')
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...letters), { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        const bytes = parseBase64url(text)
        fc.pre(bytes !== undefined)
        expect(formatBase64url(bytes)).toBe(text)
      }),
    )
  })
})

describe('parseBase64url', () => {
  it.each([
    ['padding', 'QQ=='],
    ['padding of one', 'QUI='],
    ['plus', 'ab+d'],
    ['slash', 'ab/d'],
    ['a blank inside', 'ab d'],
    ['a blank behind', 'abcd '],
    ['a line break', 'ab\ncd'],
    ['a length that no bytes have', 'a'],
    ['five letters', 'abcde'],
    ['stray low bits of four', 'QR'],
    ['stray low bits of two', 'QUJ'],
    ['a letter outside ASCII', 'abcé'],
    ['a letter that shares its low byte with one that is allowed', 'abc\u0141'],
    ['a dot', 'ab.d'],
    ['a zero character', 'abc\0'],
  ])('[std:84] refuses %s', (_what, text) => {
    expect(parseBase64url(text)).toBeUndefined()
  })

  it('takes the empty text as no bytes', () => {
    expect(parseBase64url('')).toEqual(new Uint8Array())
  })
})
