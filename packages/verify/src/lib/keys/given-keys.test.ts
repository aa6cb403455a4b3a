import { handClock } from '@countersign/testkit'
import { tokenMint } from '@countersign/testkit/contracts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { givenKeys } from './given-keys.ts'

const mint = tokenMint({ issuer: 'i', audience: 'a', now: handClock().now, kid: 'one' })
const algorithms = new Set(['ES256'] as const)

afterEach(() => vi.unstubAllGlobals())

describe('givenKeys', () => {
  it.each(['node', 'Cloudflare-Workers'])(
    'finds what the set has, and nothing else, on %s',
    async (userAgent) => {
      vi.stubGlobal('navigator', { userAgent })
      const keys = givenKeys(mint.jwks, algorithms)
      const first = await Promise.all([keys.find('ES256', 'one'), keys.find('ES256', 'one')])
      expect(first.map(({ kind }) => kind)).toEqual(['found', 'found'])
      // Once they are imported, at once.
      expect(keys.find('ES256', 'one')).toMatchObject({ kind: 'found' })
      expect(keys.find('ES256', 'two')).toEqual({ kind: 'unknown' })
      expect(keys.find('RS256', 'one')).toEqual({ kind: 'unknown' })
      expect(await keys.findReplaced('ES256', 'one')).toEqual({ kind: 'unknown' })
    },
  )

  it('has no keys where the set holds a private one', async () => {
    const keys = givenKeys({ keys: [mint.jwk, { ...mint.jwk, d: 'x' }] }, algorithms)
    expect(await keys.find('ES256', 'one')).toEqual({ kind: 'unknown' })
  })
})
