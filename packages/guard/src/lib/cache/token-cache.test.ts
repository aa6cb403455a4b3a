import { parseAccessTokenClaims } from '@countersign/protocol'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  verifiedAccessToken,
  type Recheck,
  type TokenOutcome,
  type TokenVerifier,
} from '../token/token-verifier.ts'
import { tokenCache } from './token-cache.ts'
import type { MemoryBounds } from './two-generations.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')
const BOUNDS = { maxEntries: 100, maxBytes: 1e7 }
/** Characters that two tokens have in common at their end. */
const TAIL = 'k'.repeat(300)

/** A verifier that takes what begins with `good`, and counts. */
function verifier({
  recheck = 'stands',
  later = false,
}: { recheck?: string; later?: boolean } = {}) {
  const asked: string[] = []
  const state = { recheck }
  const verify: TokenVerifier = (token) => {
    asked.push(token)
    const outcome = judge(token, state)
    return later ? Promise.resolve(outcome) : outcome
  }
  return { verify, asked, state }
}

function judge(token: string, state: { readonly recheck: string }): TokenOutcome {
  if (!token.startsWith('good')) return { ok: false, reason: 'bad_signature' }
  const claims = parseAccessTokenClaims({
    iss: 'https://as.example',
    sub: token,
    client_id: token,
    aud: ['https://api.example'],
    jti: token,
    iat: 1,
    exp: 2,
    scope: 'orders:read',
    nested: { roles: [{ name: 'reader' }] },
  })
  if (!claims.ok) throw new Error(claims.reason)
  const recheck: Recheck = () => {
    if (state.recheck === 'stands') return verified
    if (state.recheck === 'unclear') return undefined
    return { ok: false, reason: state.recheck === 'outage' ? 'keys_unavailable' : 'expired' }
  }
  const verified = verifiedAccessToken(claims.value, {
    key: 'thumbprint',
    recheck: state.recheck === 'never' ? undefined : recheck,
  })
  return verified
}

/** Every token comes with the same request. */
function cacheOf(
  verify: TokenVerifier,
  bounds: MemoryBounds,
): (token: string) => ReturnType<TokenVerifier> {
  const cached = tokenCache(verify, bounds)
  const request = new Request('https://api.example')
  return (token) => cached(token, request)
}

async function subjectOf(outcome: TokenOutcome | Promise<TokenOutcome>): Promise<string> {
  const known = await outcome
  return known.ok ? known.claims.sub : known.reason
}

describe('tokenCache', () => {
  it.each([false, true])('verifies a token once, at once or later (%s)', async (later) => {
    const { verify, asked } = verifier({ later })
    const cached = cacheOf(verify, BOUNDS)
    for (let i = 0; i < 3; i++) expect(await subjectOf(cached('good')))?.toBe('good')
    expect(asked).toEqual(['good'])
  })

  it('never gives one token for another that ends in the same [field:61]', async () => {
    const { verify } = verifier()
    const cached = cacheOf(verify, BOUNDS)
    const tokens = ['good one ', 'good two ', 'bad three '].map((start) => start + TAIL)
    for (const token of [...tokens, ...tokens, ...tokens.toReversed()]) {
      const owed = token.startsWith('good') ? token : 'bad_signature'
      expect(await subjectOf(cached(token))).toBe(owed)
    }
  })

  it('remembers thousands of tokens that differ in their last characters alone', async () => {
    const { verify, asked } = verifier()
    const cached = cacheOf(verify, { maxEntries: 10_000, maxBytes: 1e8 })
    const ends = Array.from({ length: 5000 }, (_, i) => sha256(String(i)).slice(-8))
    for (const end of [...ends, ...ends]) {
      expect(await subjectOf(cached(`good ${end}`))).toBe(`good ${end}`)
    }
    expect(asked).toHaveLength(5000)
  })

  it('lets no junk that ends like a good token, or any other, push it out', async () => {
    const { verify, asked } = verifier()
    const cached = cacheOf(verify, { maxEntries: 2, maxBytes: 65_536 })
    const good = `good ${TAIL}`
    await cached(good)
    for (let i = 0; i < 100; i++) {
      await cached(`bad ${i} ${TAIL}`)
      await cached(`bad ${TAIL} ${i}`)
    }
    await cached(good)
    expect(asked.filter((token) => token === good)).toHaveLength(1)
  })

  it('never remembers a refusal, nor a token that cannot be judged again', async () => {
    const { verify, asked } = verifier({ recheck: 'never' })
    const cached = cacheOf(verify, BOUNDS)
    for (const token of ['bad', 'good']) await Promise.all([cached(token), cached(token)])
    expect(asked).toEqual(['bad', 'bad', 'good', 'good'])
  })

  it('gives the refusal of a token that stands no longer, and forgets the token', async () => {
    const { verify, asked, state } = verifier()
    const cached = cacheOf(verify, BOUNDS)
    await cached('good')
    state.recheck = 'expired'
    expect(await subjectOf(cached('good'))).toBe('expired')
    state.recheck = 'stands'
    await cached('good')
    expect(asked).toHaveLength(2)
  })

  it('keeps a token through an outage', async () => {
    const { verify, asked, state } = verifier()
    const cached = cacheOf(verify, BOUNDS)
    await cached('good')
    state.recheck = 'outage'
    expect(await subjectOf(cached('good'))).toBe('keys_unavailable')
    state.recheck = 'stands'
    expect(await subjectOf(cached('good'))).toBe('good')
    expect(asked).toHaveLength(1)
  })

  it('verifies anew where only the signature can tell', async () => {
    const { verify, asked, state } = verifier()
    const cached = cacheOf(verify, BOUNDS)
    await cached('good')
    state.recheck = 'unclear'
    expect(await subjectOf(cached('good'))).toBe('good')
    expect(asked).toHaveLength(2)
  })

  it('gives what nobody can change: claims, audience, principal and scopes', async () => {
    const { verify } = verifier()
    const cached = cacheOf(verify, BOUNDS)
    for (let call = 0; call < 2; call++) {
      const outcome = await cached('good')
      if (!outcome.ok) throw new Error(outcome.reason)
      const { claims, principal, view } = outcome
      const { nested } = view.claims as { nested: { roles: { name: string }[] } }
      expect(() => nested.roles.push({ name: 'admin' })).toThrow(TypeError)
      expect(() => Object.assign(nested.roles[0] ?? {}, { name: 'admin' })).toThrow(TypeError)
      expect(() => Object.assign(view, { id: 'other' })).toThrow(TypeError)
      expect(() => Object.assign(principal, { clientId: 'other' })).toThrow(TypeError)
      expect(() => (view.audience as string[]).push('https://other.example')).toThrow(TypeError)
      expect(() => (principal.scopes as Set<string>).add('orders:write')).toThrow(TypeError)
      expect(() => (principal.scopes as Set<string>).delete('orders:read')).toThrow(TypeError)
      expect(() => (principal.scopes as Set<string>).clear()).toThrow(TypeError)
      expect([...principal.scopes]).toEqual(['orders:read'])
      expect(claims.scope).toEqual(['orders:read'])
    }
  })
})
