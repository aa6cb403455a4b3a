import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { askedToken } from '../grants/token-variation.ts'
import { keepToken } from '../reuse/keep-token.ts'
import type { TokenRequest, TokenVariation } from '../token-source.ts'
import { tokenRegistry, variationKey } from './token-registry.ts'

function registry(limit = 100, base: TokenVariation = { scope: 'a' }) {
  const asked: TokenRequest[] = []
  const keeper = tokenRegistry(
    async (request = {}) => {
      asked.push(request)
      return new AccessToken({ value: `token-${asked.length}`, obtainedAt: Date.now() })
    },
    { base: askedToken('test', base), keep: (source) => keepToken(source), limit },
  )
  return { ...keeper, asked }
}

describe('tokenRegistry', () => {
  it('keeps one token for each thing asked for', async () => {
    const { source, asked } = registry()
    const requests: (TokenRequest | undefined)[] = [
      undefined,
      { scope: 'b' },
      { resource: 'https://api.example' },
      { partition: 'tenant-1' },
      { partition: 'tenant-2' },
    ]
    const first = await Promise.all(requests.map((request) => source(request)))
    expect(new Set(first.map(({ value }) => value)).size).toBe(requests.length)
    const second = await Promise.all(requests.map((request) => source(request)))
    expect(second.map(({ value }) => value)).toEqual(first.map(({ value }) => value))
    expect(asked).toHaveLength(requests.length)
  })

  it('asks for what the call names, and for the usual where it names nothing', async () => {
    const { source, asked } = registry()
    await source({ scope: ['b', 'c'], signal: new AbortController().signal })
    await source({})
    expect(asked[0]).toMatchObject({ scope: ['b', 'c'] })
    expect(asked[1]).not.toHaveProperty('scope')
  })

  it('names a refused token to the keeper of its own kind only', async () => {
    const { source, asked } = registry()
    const usual = await source()
    const other = await source({ scope: 'b' })
    expect((await source({ scope: 'b', rejected: other })).value).not.toBe(other.value)
    expect((await source()).value).toBe(usual.value)
    expect(asked).toHaveLength(3)
  })

  it('forgets the token that was not asked for longest, and counts what it did', async () => {
    const { source, asked, status } = registry(2)
    await source({ partition: '1' })
    await source({ partition: '2' })
    await source({ partition: '1' })
    await source({ partition: '3' })
    await source({ partition: '1' })
    expect(asked).toHaveLength(3)
    await source({ partition: '2' })
    expect(asked).toHaveLength(4)
    expect(status()).toMatchObject({ tokenRequests: 4, tokensServed: 6 })
  })

  it('refuses a wrong variation before it asks', async () => {
    const { source, asked } = registry()
    await expect(source({ scope: ['a b'] })).rejects.toThrow("'scope[0]'")
    await expect(source({ authorizationDetails: [{}] as never })).rejects.toThrow("'type'")
    expect(asked).toEqual([])
  })
})

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

  it('cannot be made the same by putting one thing into another', () => {
    expect(key({ audience: 'a', partition: 'b' })).not.toBe(key({ audience: 'b', partition: 'a' }))
    expect(key({ scope: 'a' })).not.toBe(key({ parameters: { a: '' } }))
  })
})
