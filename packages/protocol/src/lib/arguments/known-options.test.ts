import { describe, expect, it } from 'vitest'
import { ArgumentError } from './argument-error.ts'
import {
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalSecureUrl,
  optionalString,
  requiredString,
} from './known-options.ts'

const NAMES = ['clientId', 'clientSecret', 'scope']

function caught(call: () => unknown): ArgumentError {
  try {
    call()
  } catch (error) {
    if (error instanceof ArgumentError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('assertKnownOptions', () => {
  it('accepts known names, and fewer than all of them', () => {
    expect(() => assertKnownOptions('createClient', { clientId: 'a' }, NAMES)).not.toThrow()
  })

  it('answers a misspelt name with the nearest known one', () => {
    const error = caught(() => assertKnownOptions('createClient', { clientSecert: 'x' }, NAMES))
    expect(error).toMatchObject({ code: 'ERR_ARGUMENT_UNKNOWN', option: 'clientSecert' })
    expect(error.message).toBe(
      "createClient: unknown option 'clientSecert'; did you mean 'clientSecret'?",
    )
  })

  it('lists the known names where none is near', () => {
    const error = caught(() => assertKnownOptions('createClient', { zzzzzzzz: 1 }, NAMES))
    expect(error.message).toContain('known are clientId, clientSecret, scope')
  })

  it.each([
    [undefined, 'ERR_ARGUMENT_MISSING'],
    [null, 'ERR_ARGUMENT_MISSING'],
    ['text', 'ERR_ARGUMENT_TYPE'],
    [[], 'ERR_ARGUMENT_TYPE'],
    [7, 'ERR_ARGUMENT_TYPE'],
  ])('refuses %s in place of options', (options, code) => {
    expect(caught(() => assertKnownOptions('reuse', options, NAMES)).code).toBe(code)
  })

  it('refuses an own member called __proto__, as any unknown name', () => {
    const options: unknown = JSON.parse('{"__proto__":{"clientId":"a"}}')
    expect(caught(() => assertKnownOptions('reuse', options, NAMES)).option).toBe('__proto__')
  })
})

describe('requiredString and optionalString', () => {
  it('give the string', () => {
    expect(requiredString('f', 'a', 'x')).toBe('x')
    expect(optionalString('f', 'a', 'x')).toBe('x')
  })

  it('part on what is left out', () => {
    expect(caught(() => requiredString('f', 'a', undefined)).code).toBe('ERR_ARGUMENT_MISSING')
    expect(optionalString('f', 'a', undefined)).toBeUndefined()
  })

  it('refuse the empty string and other types, without repeating the value', () => {
    expect(caught(() => optionalString('f', 'a', '')).code).toBe('ERR_ARGUMENT_VALUE')
    const error = caught(() => requiredString('f', 'a', ['marker']))
    expect(error.code).toBe('ERR_ARGUMENT_TYPE')
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('marker')
  })
})

describe('optionalNumber', () => {
  const read = (value: unknown): number =>
    optionalNumber('f', 'timeout', value, { fallback: 5, min: 1, max: 10 })

  it('gives the fallback, the value, and both bounds', () => {
    expect([undefined, 3, 1, 10].map(read)).toEqual([5, 3, 1, 10])
  })

  it.each([0, 11, NaN, Infinity, -Infinity])('refuses the number %s', (value) => {
    expect(caught(() => read(value))).toMatchObject({
      code: 'ERR_ARGUMENT_VALUE',
      option: 'timeout',
    })
  })

  it.each(['3', null, 3n, {}])('refuses %s, which is no number', (value) => {
    expect(caught(() => read(value)).code).toBe('ERR_ARGUMENT_TYPE')
  })
})

describe('optionalSecureUrl', () => {
  const read = (value: unknown) => optionalSecureUrl('f', 'endpoint', value)

  it('gives the text as it was given, and nothing for nothing', () => {
    expect(read('https://API.example:443/a?b')).toBe('https://API.example:443/a?b')
    expect(read(undefined)).toBeUndefined()
  })

  it.each([
    ['http://api.example', 'ERR_ARGUMENT_VALUE'],
    ['/path', 'ERR_ARGUMENT_VALUE'],
    ['', 'ERR_ARGUMENT_VALUE'],
    [7, 'ERR_ARGUMENT_TYPE'],
    [null, 'ERR_ARGUMENT_TYPE'],
  ])('refuses %j', (value, code) => {
    expect(caught(() => read(value))).toMatchObject({ code, option: 'endpoint' })
  })
})

describe('optionalFunction', () => {
  it('gives the function, or the fallback', () => {
    const given = (): number => 1
    const fallback = (): number => 2
    expect(optionalFunction('f', 'now', given, fallback)).toBe(given)
    expect(optionalFunction('f', 'now', undefined, fallback)).toBe(fallback)
  })

  it('refuses another type', () => {
    expect(caught(() => optionalFunction<unknown>('f', 'now', 7, Date.now)).code).toBe(
      'ERR_ARGUMENT_TYPE',
    )
  })
})
