import {
  formatBase64url,
  generateStoreKey,
  parseBase64url,
  storeKeyRing,
  type StoreKey,
} from '@countersign/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { openToken, sealToken } from './sealed-token.ts'

async function keyOf(text = generateStoreKey()): Promise<StoreKey> {
  const [key] = await storeKeyRing('f', [text], 'token')()
  if (key === undefined) throw new Error('no key')
  return key
}

const ring = [await keyOf(), await keyOf()] as const
const token = new AccessToken({
  value: 'marker-token',
  obtainedAt: 1000,
  expiresAt: 61_000,
  refreshAt: 31_000,
  scope: ['read'],
})
const place = { cacheKey: 'name', writtenAt: 2000 }

describe('sealToken and openToken', () => {
  it('give back what was sealed, without what belongs to one client', async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 })
    const tokens = fc.record({
      value: fc.string({ minLength: 1, unit: 'grapheme' }),
      type: fc.constantFrom('Bearer' as const, 'DPoP' as const),
      obtainedAt: number,
      expiresAt: fc.option(number, { nil: undefined }),
      refreshAt: fc.option(number, { nil: undefined }),
      scope: fc.array(fc.string()),
    })
    await fc.assert(
      fc.asyncProperty(tokens, number, async (init, writtenAt) => {
        const sealed = await sealToken(ring[0], new AccessToken(init), { cacheKey: 'k', writtenAt })
        expect(await openToken(ring, sealed, 'k')).toEqual({
          ok: true,
          value: { token: init, writtenAt },
        })
      }),
    )
  })

  it('show nothing of the token, and no two texts alike', async () => {
    const texts = [await sealToken(ring[0], token, place), await sealToken(ring[0], token, place)]
    expect(texts[0]).not.toBe(texts[1])
    expect(texts[0]).toMatch(/^v1\.[\w-]{11}\.[\w-]+$/)
    const bytes = Buffer.from(texts[0]?.split('.')[2] ?? '', 'base64url').toString('latin1')
    expect(bytes).not.toContain('marker')
  })

  it('open with every key of the ring, whichever stands first', async () => {
    const sealed = await sealToken(ring[1], token, place)
    expect((await openToken(ring, sealed, 'name')).ok).toBe(true)
  })

  it('do not open under another name: an entry cannot be moved', async () => {
    const sealed = await sealToken(ring[0], token, place)
    expect(await openToken(ring, sealed, 'other')).toMatchObject({
      ok: false,
      reason: 'does not open: it was changed, or belongs to another key',
    })
  })

  it('do not open with a key that is not in the ring', async () => {
    const sealed = await sealToken(await keyOf(), token, place)
    expect(await openToken(ring, sealed, 'name')).toMatchObject({
      ok: false,
      reason: 'is sealed with a key that is not in the ring',
    })
  })

  it('do not open where one bit is changed, wherever it is', async () => {
    const sealed = await sealToken(ring[0], token, place)
    const [version, id, text = ''] = sealed.split('.')
    const bytes = parseBase64url(text) ?? new Uint8Array()
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const entry = `${version}.${id}.${formatBase64url(changed)}`
      expect((await openToken(ring, entry, 'name')).ok).toBe(false)
    }
    const renamed = `${version}.${ring[1].id}.${text}`
    expect((await openToken(ring, renamed, 'name')).ok).toBe(false)
  })

  it.each(['', 'v1', 'v2.aaaaaaaaaaa.AAAA', '{"value":"x"}', `v1.${ring[0].id}.`, '\u0000'])(
    'take no %j for an entry',
    async (text) => {
      expect((await openToken(ring, text, 'name')).ok).toBe(false)
    },
  )

  it('do not look at what is too long, nor fall over what is too short', async () => {
    const long = `v1.${ring[0].id}.${'A'.repeat(70_000)}`
    expect(await openToken(ring, long, 'name')).toMatchObject({ reason: 'is too long' })
    expect((await openToken(ring, `v1.${ring[0].id}.AAAA`, 'name')).ok).toBe(false)
  })
})
