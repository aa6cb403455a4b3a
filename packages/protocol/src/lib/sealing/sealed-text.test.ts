import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBase64url, parseBase64url } from '../text/base64url.ts'
import { openText, sealText } from './sealed-text.ts'
import {
  generateStoreKey,
  storeKeyRing,
  type StoreKey,
  type StorePurpose,
} from './store-key-ring.ts'
import { storeName } from './store-name.ts'

const secret = generateStoreKey()

async function keyOf(text = generateStoreKey(), purpose: StorePurpose = 'answer') {
  const [key] = await storeKeyRing('f', [text], purpose)()
  if (key === undefined) throw new Error('no key')
  return key
}

const ring: readonly [StoreKey, StoreKey] = [await keyOf(secret), await keyOf()]

describe('sealText and openText', () => {
  it('give back any text, by whichever key of the ring it was sealed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.nat(1), async (text, at) => {
        const sealed = await sealText(ring[at as 0 | 1], text, 'name')
        expect(await openText(ring, sealed, 'name')).toEqual({ ok: true, text })
      }),
    )
  })

  it('show nothing of the text, and make no two alike', async () => {
    const texts = [await sealText(ring[0], 'marker', 'n'), await sealText(ring[0], 'marker', 'n')]
    expect(texts[0]).not.toBe(texts[1])
    expect(texts[0]).toMatch(/^v1\.[\w-]{11}\.[\w-]+$/)
    const bytes = Buffer.from(texts[0]?.split('.')[2] ?? '', 'base64url').toString('latin1')
    expect(bytes).not.toContain('marker')
  })

  it('open under no other name, with no other key, and for no other purpose', async () => {
    const sealed = await sealText(ring[0], 'text', 'name')
    expect(await openText(ring, sealed, 'other')).toEqual({ ok: false, fault: 'altered' })
    const stranger = await sealText(await keyOf(), 'text', 'name')
    expect(await openText(ring, stranger, 'name')).toEqual({ ok: false, fault: 'unknown_key' })
    // One secret, and nothing in common.
    const token = await keyOf(secret, 'token')
    expect(token.id).not.toBe(ring[0].id)
    expect(await openText([token], sealed, 'name')).toEqual({ ok: false, fault: 'unknown_key' })
    const renamed = sealed.replace(ring[0].id, token.id)
    expect(await openText([token], renamed, 'name')).toEqual({ ok: false, fault: 'altered' })
  })

  it('do not open where one bit is changed, wherever it is', async () => {
    const sealed = await sealText(ring[0], '{"active":true}', 'name')
    const [version, id, text = ''] = sealed.split('.')
    const bytes = parseBase64url(text) ?? new Uint8Array()
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const entry = `${version}.${id}.${formatBase64url(changed)}`
      expect(await openText(ring, entry, 'name')).toEqual({ ok: false, fault: 'altered' })
    }
  })

  it.each([
    ['', 'format'],
    ['v1', 'format'],
    ['v2.aaaaaaaaaaa.AAAA', 'format'],
    [`v1.${ring[0].id}.`, 'format'],
    [`v1.${ring[0].id}.AAAA=`, 'format'],
    [`v1.${ring[0].id}.AAAA`, 'altered'],
    [`v1.${ring[0].id}.${'A'.repeat(70_000)}`, 'too_long'],
  ])('take no %j for what was sealed', async (text, fault) => {
    expect(await openText(ring, text, 'name')).toEqual({ ok: false, fault })
  })
})

describe('storeName', () => {
  it('names one thing always alike, and differs with the thing, the key and the purpose', async () => {
    const name = await storeName(ring[0], 'marker')
    expect(await storeName(await keyOf(secret), 'marker')).toBe(name)
    expect(name).toMatch(/^[\w-]{43}$/)
    const others = [
      await storeName(ring[0], 'markers'),
      await storeName(ring[1], 'marker'),
      await storeName(await keyOf(secret, 'token'), 'marker'),
    ]
    expect(new Set([name, ...others]).size).toBe(4)
  })
})
