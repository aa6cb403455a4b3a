import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatDistinguishedName,
  isSameDistinguishedName,
  parseDistinguishedName,
  type NameAttribute,
} from './distinguished-name.ts'

const text = (type: string, value: string): NameAttribute => ({ type, value, isHex: false })
const CN = '2.5.4.3'

const value = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...' #+,;<>="\\%a0\n'.split('')) }),
  )
  .filter((one) => !one.includes('\u0000') && one.isWellFormed())
const attribute = fc.record({
  type: fc.constantFrom(CN, '2.5.4.10', '1.2.840.113549.1.9.1', '1.3.6.1.4.1.55555.1', '2.999.3'),
  value,
  isHex: fc.constant(false),
})
const hexAttribute = fc.record({
  type: fc.constantFrom(CN, '1.3.6.1.4.1.55555.1'),
  // A number: no text.
  value: fc.constantFrom('020107', '0500', '3000'),
  isHex: fc.constant(true),
})
const name = fc.array(fc.array(fc.oneof(attribute, hexAttribute), { minLength: 1, maxLength: 3 }), {
  maxLength: 6,
})

describe('formatDistinguishedName and parseDistinguishedName', () => {
  it('are each other’s inverse', () => {
    fc.assert(
      fc.property(name, (given) => {
        expect(parseDistinguishedName(formatDistinguishedName(given))).toEqual({
          ok: true,
          value: given,
        })
      }),
    )
  })

  it('never throw, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), value), (given) => {
        expect(typeof parseDistinguishedName(given).ok).toBe('boolean')
      }),
    )
  })

  it.each([
    ['UID=jsmith,DC=example,DC=net', 'UID=jsmith,DC=example,DC=net'],
    ['OU=Sales+CN=J.  Smith,DC=example,DC=net', 'OU=Sales+CN=J.  Smith,DC=example,DC=net'],
    [
      String.raw`CN=James \"Jim\" Smith\, III,DC=example,DC=net`,
      String.raw`CN=James \"Jim\" Smith\, III,DC=example,DC=net`,
    ],
    [
      String.raw`CN=Before\0dAfter,DC=example,DC=net`,
      String.raw`CN=Before\0dAfter,DC=example,DC=net`,
    ],
    ['1.3.6.1.4.1.1466.0=#04024869', '1.3.6.1.4.1.1466.0=#04024869'],
    [String.raw`CN=Lu\C4\8Di\C4\87`, 'CN=Lučić'],
    ['cn = billing , o = Example', 'CN=billing,O=Example'],
    ['2.5.4.3=billing', 'CN=billing'],
    ['CN=#0c0762696c6c696e67', 'CN=billing'],
    [String.raw`CN=\ a\ `, String.raw`CN=\ a\ `],
    ['CN=', 'CN='],
    ['', ''],
  ])('read %j as RFC 4514 section 4 does, and write %j', (given, written) => {
    const parsed = parseDistinguishedName(given)
    expect(parsed.ok && formatDistinguishedName(parsed.value)).toBe(written)
  })

  it.each([
    'billing',
    'CN',
    'CN=a,',
    ',CN=a',
    'CN=a,,O=b',
    'CN=a+',
    'XX=a',
    '1=a',
    'CN=a"b',
    'CN=a;O=b',
    'CN=<a>',
    'CN=#0',
    'CN=#xy',
    'CN=#',
    String.raw`CN=\xa`,
    String.raw`CN=\ff`,
    String.raw`CN=a\00b`,
    'CN=\uD800',
    'CN=a\\',
    `CN=${'a'.repeat(5000)}`,
    Array(101).fill('CN=a').join(','),
  ])('refuse %.60j', (given) => {
    expect(parseDistinguishedName(given)).toMatchObject({ ok: false, member: 'name' })
  })
})

describe('isSameDistinguishedName', () => {
  it.each([
    ['CN=billing,O=Example', 'cn=billing, o=Example'],
    ['CN=a+OU=b,O=c', 'OU=b+CN=a,O=c'],
    [String.raw`O=Example\, Inc.`, String.raw`O=Example\2C Inc.`],
  ])('holds %s and %s to be one name', (one, other) => {
    expect(isSameDistinguishedName(one, other)).toBe(true)
  })

  it.each([
    ['CN=billing', 'CN=Billing'],
    ['CN=billing,O=Example', 'O=Example,CN=billing'],
    ['CN=billing', 'CN=billing,O=Example'],
    ['CN=billing,O=Example', 'CN=billing+O=Example'],
    ['CN=a,CN=b', String.raw`CN=a\,CN\=b`],
    ['CN=#0500', String.raw`CN=\#0500`],
    ['CN=0500', 'CN=#0500'],
    ['CN=billing', 'CN=billing '.padEnd(12, '\u00A0')],
    ['', ''],
    ['billing', 'billing'],
  ])('keeps %j and %j apart', (one, other) => {
    expect(isSameDistinguishedName(one, other)).toBe(false)
    expect(isSameDistinguishedName(other, one)).toBe(false)
  })

  it('is so of a name and its own text', () => {
    expect(isSameDistinguishedName(formatDistinguishedName([[text(CN, 'a,b')]]), 'CN=a\\,b')).toBe(
      true,
    )
  })
})
