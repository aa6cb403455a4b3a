import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBasicCredentials,
  isEncodingNeutral,
  parseBasicCredentials,
  type BasicEncoding,
} from './basic-credentials.ts'

const text = fc.string({ unit: 'binary', maxLength: 20 })
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })

function basic(decoded: string): string {
  return `Basic ${Buffer.from(decoded).toString('base64')}`
}

describe('formatBasicCredentials and parseBasicCredentials', () => {
  it('[std:2] return the credentials they were given, form-encoded', () => {
    fc.assert(
      fc.property(name, text, (clientId, clientSecret) => {
        const credentials = { clientId, clientSecret }
        expect(parseBasicCredentials(formatBasicCredentials(credentials))).toEqual({
          ok: true,
          value: credentials,
        })
      }),
    )
  })

  it('[std:2] return the credentials they were given, raw', () => {
    const noColon = name.filter((id) => !id.includes(':'))
    fc.assert(
      fc.property(noColon, text, (clientId, clientSecret) => {
        const credentials = { clientId, clientSecret }
        const header = formatBasicCredentials(credentials, 'raw')
        expect(parseBasicCredentials(header, 'raw')).toEqual({ ok: true, value: credentials })
      }),
    )
  })

  it('parse never throws, whatever the header', () => {
    const decoded = fc
      .uint8Array({ maxLength: 12 })
      .map((bytes) => Buffer.from(bytes).toString('base64'))
    const encoding = fc.constantFrom<BasicEncoding>('form', 'raw')
    fc.assert(
      fc.property(fc.oneof(text, decoded), encoding, (value, how) => {
        expect(typeof parseBasicCredentials(`Basic ${value}`, how).ok).toBe('boolean')
      }),
    )
  })
})

describe('formatBasicCredentials', () => {
  it('[std:2] leaves unreserved characters and encodes the rest', () => {
    const decoded = (clientId: string, clientSecret: string): string =>
      Buffer.from(
        formatBasicCredentials({ clientId, clientSecret }).slice('Basic '.length),
        'base64',
      ).toString()
    expect(decoded('billing-1_a.b~c', 'AZaz09')).toBe('billing-1_a.b~c:AZaz09')
    expect(decoded('a:b', "%+ é!'()*")).toBe('a%3Ab:%25%2B+%C3%A9%21%27%28%29%2A')
  })

  it('throws for a raw identifier with a colon', () => {
    const credentials = { clientId: 'a:b', clientSecret: 'marker' }
    expect(() => formatBasicCredentials(credentials, 'raw')).toThrow(RangeError)
    expect(() => formatBasicCredentials(credentials, 'raw')).not.toThrow(/marker/)
  })
})

describe('parseBasicCredentials', () => {
  it.each([
    ['lower case', basic('a:b').replace('Basic', 'basic')],
    ['upper case', basic('a:b').replace('Basic', 'BASIC')],
    ['several blanks', basic('a:b').replace(' ', '   ')],
    ['a blank behind', `${basic('a:b')} `],
  ])('[std:14] reads %s', (_what, header) => {
    expect(parseBasicCredentials(header)).toEqual({
      ok: true,
      value: { clientId: 'a', clientSecret: 'b' },
    })
  })

  it('splits at the first colon', () => {
    expect(parseBasicCredentials(basic('a:b:c'))).toMatchObject({ value: { clientSecret: 'b:c' } })
  })

  it('takes an empty secret', () => {
    expect(parseBasicCredentials(basic('a:'))).toMatchObject({ value: { clientSecret: '' } })
  })

  it.each([
    ['another scheme', 'Bearer abc'],
    ['a scheme that starts alike', `Basically ${basic('a:b').slice(6)}`],
    ['the scheme alone', 'Basic'],
    ['nothing behind the scheme', 'Basic '],
    ['no colon', basic('ab')],
    ['no identifier', basic(':b')],
    ['text that is no base64', 'Basic a:b'],
    ['padding in the middle', 'Basic YT==Yg'],
    ['a broken escape', basic('a%:b')],
    ['a broken escape in the secret', basic('a:%zz')],
    ['escapes that are no UTF-8', basic('a:%ff')],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`],
    ['two headers in one value', `${basic('a:b')}, ${basic('a:b')}`],
    ['the empty text', ''],
  ])('refuses %s', (_what, header) => {
    expect(parseBasicCredentials(header)).toMatchObject({ ok: false, member: 'authorization' })
  })

  it('never repeats the credentials in a reason', () => {
    const refusal = parseBasicCredentials(basic('marker:marker%'))
    expect(JSON.stringify(refusal)).not.toMatch(/marker|bWFya2Vy/)
  })
})

describe('isEncodingNeutral', () => {
  it('is true exactly where both encodings give one header', () => {
    const part = fc.string({ unit: fc.constantFrom(...'aZ0-._~+%!é '.split('')), maxLength: 6 })
    fc.assert(
      fc.property(part, part, (clientId, clientSecret) => {
        const credentials = { clientId, clientSecret }
        const same =
          formatBasicCredentials(credentials, 'form') === formatBasicCredentials(credentials, 'raw')
        expect(isEncodingNeutral(credentials)).toBe(same)
      }),
    )
  })

  it('is false for a colon in the identifier', () => {
    expect(isEncodingNeutral({ clientId: 'a:b', clientSecret: 'c' })).toBe(false)
  })
})
