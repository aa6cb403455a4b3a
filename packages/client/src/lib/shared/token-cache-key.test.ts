import { generateStoreKey } from '@countersign/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenCacheKey, type TokenKeyParts } from './token-cache-key.ts'

const keys = [generateStoreKey()]

const parts: TokenKeyParts = {
  issuer: 'https://as.example',
  tokenEndpoint: 'https://as.example/token',
  clientId: 'billing',
  authMethod: 'client_secret_basic',
  credential: 'fingerprint-1',
  binding: 'jkt:a',
  grantType: 'account_credentials',
  scope: ['read', 'write'],
  resource: ['https://a.example', 'https://b.example'],
  audience: 'api',
  authorizationDetails: [{ type: 'payment', limit: { amount: 1, currency: 'EUR' } }],
  parameters: { tenant: 'one', region: 'eu' },
  partition: 'p1',
}

const changes: [string, Partial<TokenKeyParts>][] = [
  ['the issuer', { issuer: 'https://as.example/' }],
  ['the issuer left out', { issuer: undefined }],
  ['the token endpoint', { tokenEndpoint: 'https://as.example/token2' }],
  ['the token endpoint left out', { tokenEndpoint: undefined }],
  ['the client', { clientId: 'Billing' }],
  ['the authentication method', { authMethod: 'client_secret_post' }],
  ['the credential', { credential: 'fingerprint-2' }],
  ['the binding', { binding: 'jkt:b' }],
  ['no binding', { binding: undefined }],
  ['the grant type', { grantType: undefined }],
  ['one scope less', { scope: ['read'] }],
  ['another scope', { scope: ['read', 'writ'] }],
  ['one resource less', { resource: ['https://a.example'] }],
  ['another resource', { resource: ['https://a.example', 'https://c.example'] }],
  ['the audience', { audience: 'api2' }],
  ['a value in the details', { authorizationDetails: [{ type: 'payment', limit: { amount: 2 } }] }],
  ['the type of details', { authorizationDetails: [{ type: 'payments' }] }],
  ['a parameter', { parameters: { tenant: 'two', region: 'eu' } }],
  ['one parameter less', { parameters: { tenant: 'one' } }],
  ['parameters changed about', { parameters: { tenant: 'eu', region: 'one' } }],
  ['the partition', { partition: 'p2' }],
]

describe('tokenCacheKey', () => {
  it('is another for each change of a part, and no two are alike', async () => {
    const changed = changes.map(([, change]) => tokenCacheKey({ ...parts, ...change }, keys))
    const made = await Promise.all([tokenCacheKey(parts, keys), ...changed])
    const double = changes.filter((_, index) => made.indexOf(made[index + 1] ?? '') !== index + 1)
    expect(double).toEqual([])
  })

  it('names every part of a client in the matrix', () => {
    const covered = new Set(changes.flatMap(([, change]) => Object.keys(change)))
    expect(covered).toEqual(new Set(Object.keys(parts)))
  })

  it.each<[string, Partial<TokenKeyParts>]>([
    ['scopes in another order', { scope: ['write', 'read'] }],
    ['scopes as one string', { scope: 'write read' }],
    ['scopes named twice', { scope: ['read', 'write', 'read'] }],
    ['resources in another order', { resource: ['https://b.example', 'https://a.example'] }],
    [
      'resources named twice',
      { resource: ['https://b.example', 'https://a.example', 'https://b.example'] },
    ],
    ['parameters in another order', { parameters: { region: 'eu', tenant: 'one' } }],
    [
      'members of details in another order',
      { authorizationDetails: [{ limit: { currency: 'EUR', amount: 1 }, type: 'payment' }] },
    ],
  ])('is the same for %s', async (_, change) => {
    expect(await tokenCacheKey({ ...parts, ...change }, keys)).toBe(
      await tokenCacheKey(parts, keys),
    )
  })

  it('is another under another first key, and the same whatever follows it', async () => {
    const key = await tokenCacheKey(parts, keys)
    expect(await tokenCacheKey(parts, [generateStoreKey(), ...keys])).not.toBe(key)
    expect(await tokenCacheKey(parts, [...keys, generateStoreKey()])).toBe(key)
  })

  it('is 43 characters that every store takes, and holds none of the parts', async () => {
    expect(await tokenCacheKey(parts, keys)).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('does not confuse parts whose texts run together', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\n', ' ', ':', '1', '\\', '\ud800') })
    const some = fc.record({ clientId: text, authMethod: text, credential: text, binding: text })
    await fc.assert(
      fc.asyncProperty(some, some, async (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        const made = [await tokenCacheKey(one, keys), await tokenCacheKey(other, keys)]
        return (made[0] === made[1]) === same
      }),
    )
  })
})
