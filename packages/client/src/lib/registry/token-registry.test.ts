import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { askedToken } from '../grants/token-variation.ts'
import { keepToken } from '../reuse/keep-token.ts'
import type { TokenRequest, TokenVariation } from '../token-source.ts'
import { tokenRegistry } from './token-registry.ts'

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

  it('takes a resource that is named twice for one', async () => {
    const { source, asked } = registry()
    const resource = 'https://api.example'
    await source({ resource: [resource, resource] })
    await source({ resource })
    expect(asked).toHaveLength(1)
  })

  it.each<TokenRequest | undefined>([undefined, { partition: 'tenant-1' }])(
    'takes the quickest way to a held token: one look at one clock (%o)',
    async (request) => {
      let looks = 0
      const look = (): number => {
        looks++
        return 1_000_000
      }
      const { source } = tokenRegistry(
        async () => new AccessToken({ value: 'held', obtainedAt: 1_000_000, expiresAt: 2_000_000 }),
        {
          base: askedToken('test', {}),
          keep: (inner) => keepToken(inner, { now: look, monotonic: look }),
          limit: 1,
        },
      )
      await source(request)
      await source(request)
      looks = 0
      await source(request)
      expect(looks).toBe(1)
    },
  )

  it('asks for what the call names, and for the usual where it names nothing', async () => {
    const { source, asked } = registry()
    await source({ scope: ['b', 'c'], signal: new AbortController().signal })
    await source({})
    expect(asked[0]).toMatchObject({ scope: ['b', 'c'] })
    expect(asked[1]).not.toHaveProperty('scope')
  })

  it("goes on asking for what the call named, whatever becomes of the caller's list", async () => {
    const { source, asked } = registry()
    const scope = ['b']
    const authorizationDetails = [{ type: 'x', amount: 1 }]
    const first = await source({ scope, authorizationDetails })
    scope.push('admin')
    authorizationDetails.push({ type: 'y', amount: 2 })
    await source({ scope: 'b', authorizationDetails: [{ type: 'x', amount: 1 }], rejected: first })
    expect(asked).toHaveLength(2)
    for (const request of asked) {
      expect(request.scope).toEqual(['b'])
      expect(request.authorizationDetails).toEqual([{ type: 'x', amount: 1 }])
    }
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

  it('keeps as many tokens as its limit of 20,000 tenants, the last ones', async () => {
    const { source, asked } = registry(1000)
    const tenants = Array.from({ length: 20_000 }, (_, at) => String(at))
    for (const partition of tenants) await source({ partition })
    for (const partition of tenants.slice(-1000)) await source({ partition })
    expect(asked).toHaveLength(20_000)
    await source({ partition: '0' })
    expect(asked).toHaveLength(20_001)
  })

  it('refuses a wrong variation before it asks', async () => {
    const { source, asked } = registry()
    await expect(source({ scope: ['a b'] })).rejects.toThrow("'scope[0]'")
    await expect(source({ authorizationDetails: [{}] as never })).rejects.toThrow("'type'")
    expect(asked).toEqual([])
  })
})
