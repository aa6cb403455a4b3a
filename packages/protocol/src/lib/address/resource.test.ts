import { describe, expect, it } from 'vitest'
import { parseResource } from './resource.ts'

describe('parseResource', () => {
  it.each([
    'https://api.example',
    'https://api.example/orders?version=2',
    'urn:example:orders',
    'api://orders',
    'http://api.internal',
  ])('[std:182] keeps %s letter by letter', (text) => {
    expect(parseResource(text)).toEqual({ ok: true, value: text })
  })

  it.each([
    ['a fragment', 'https://api.example/#orders'],
    ['an empty fragment', 'https://api.example/#'],
    ['a relative reference', '/orders'],
    ['a bare name', 'orders'],
    ['the empty text', ''],
    ['a blank', 'https://api.example/a b'],
    ['a line break', 'https://api.example/\r\nx'],
    ['a letter outside ASCII', 'https://api.example/é'],
    ['2,049 characters', `https://api.example/${'a'.repeat(2029)}`],
    ['a number', 7],
    ['a list', ['https://api.example']],
  ])('[std:182] refuses %s', (_what, value) => {
    expect(parseResource(value)).toMatchObject({ ok: false, member: 'resource' })
  })

  it('takes 2,048 characters', () => {
    expect(parseResource(`https://api.example/${'a'.repeat(2028)}`).ok).toBe(true)
  })
})
