import { describe, expect, it } from 'vitest'
import type { TokenVariation } from '../token-source.ts'
import { askedToken, variationKey } from './token-variation.ts'

describe('variationKey', () => {
  const key = (variation: TokenVariation) => variationKey(askedToken('test', variation))
  const base: TokenVariation = {
    scope: 'a b',
    resource: ['https://a.example', 'https://b.example'],
    audience: 'x',
    authorizationDetails: [{ type: 'payment', amount: { value: 1, currency: 'EUR' } }],
    parameters: { one: '1', two: '2' },
    partition: 'tenant',
  }

  it.each<[string, TokenVariation]>([
    ['another scope', { scope: 'a c' }],
    ['one scope less', { scope: 'a' }],
    ['another resource', { resource: 'https://a.example' }],
    ['another audience', { audience: 'y' }],
    ['another detail', { authorizationDetails: [{ type: 'payment', amount: { value: 2 } }] }],
    ['another parameter value', { parameters: { one: '1', two: '3' } }],
    ['another parameter name', { parameters: { one: '1', three: '2' } }],
    ['another partition', { partition: 'tenant2' }],
  ])('changes with %s', (_, change) => {
    expect(key({ ...base, ...change })).not.toBe(key(base))
  })

  it.each<[string, TokenVariation]>([
    ['scopes', { scope: ['b', 'a', 'b'] }],
    ['resources', { resource: ['https://b.example', 'https://a.example'] }],
    ['parameters', { parameters: { two: '2', one: '1' } }],
    [
      'members',
      { authorizationDetails: [{ amount: { currency: 'EUR', value: 1 }, type: 'payment' }] },
    ],
  ])('does not change with the order of %s', (_, change) => {
    expect(key({ ...base, ...change })).toBe(key(base))
  })

  it('changes with what JSON makes of a detail, such as a date', () => {
    const until = (year: number) =>
      key({ authorizationDetails: [{ type: 'x', until: new Date(Date.UTC(year, 0)) }] })
    expect(until(2030)).not.toBe(until(2031))
    const cyclic: Record<string, unknown> & { type: string } = { type: 'x' }
    cyclic['self'] = cyclic
    for (const wrong of [cyclic, { type: 'x', count: 1n }]) {
      expect(() => key({ authorizationDetails: [wrong] })).toThrow("'authorizationDetails' must be")
    }
  })

  it('cannot be made the same by putting one thing into another', () => {
    expect(key({ audience: 'a', partition: 'b' })).not.toBe(key({ audience: 'b', partition: 'a' }))
    expect(key({ scope: 'a' })).not.toBe(key({ parameters: { a: '' } }))
  })
})
