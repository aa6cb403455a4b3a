import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Principal } from './principal.ts'
import { rateLimitKey } from './rate-limit-key.ts'

const scopes: ReadonlySet<string> = new Set()

function keyOf(issuer: string, clientId: string, subject?: string): string | undefined {
  const principal: Principal =
    subject === undefined
      ? { kind: 'client', clientId, scopes }
      : { kind: 'user', clientId, subject, scopes }
  const token = { issuer, audience: [], id: '', issuedAt: 0, expiresAt: 0, claims: {} }
  return rateLimitKey({ principal, token })
}

describe('rateLimitKey', () => {
  it('names a client by its issuer, and a user besides by the client it comes through', () => {
    expect(keyOf('https://as.example', 'billing')).toBe('https%3A%2F%2Fas.example:billing')
    expect(keyOf('https://as.example', 'billing', 'ann')).toBe(
      'https%3A%2F%2Fas.example:billing:ann',
    )
  })

  it('gives no two callers one key, and nothing but plain characters', () => {
    // Colons, per cents and blanks are what could make two callers look alike.
    const part = fc.string({
      unit: fc.constantFrom('a', ':', '%', '%3A', ' ', '\n', 'é'),
      maxLength: 4,
    })
    const named = part.filter((text) => text !== '')
    const caller = fc.tuple(part, named, fc.option(part, { nil: undefined }))
    fc.assert(
      fc.property(caller, caller, (one, other) => {
        const [left, right] = [keyOf(...one), keyOf(...other)]
        expect(left).toMatch(/^[\w\-.!~*'()%:]+$/)
        expect(left === right).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })

  it('takes half a character for one that cannot be read, and does not throw', () => {
    expect(keyOf('a', '\ud800')).toBe('a:%EF%BF%BD')
  })

  it('has no key for a caller without a name', () => {
    expect(keyOf('', '')).toBeUndefined()
  })

  it('refuses what is no caller', () => {
    expect(() => rateLimitKey(undefined as never)).toThrow("rateLimitKey: 'caller'")
    expect(() => rateLimitKey({ allowed: false } as never)).toThrow("rateLimitKey: 'caller'")
  })
})
