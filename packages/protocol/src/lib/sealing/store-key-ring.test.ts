import { inspect } from 'node:util'
import { ArgumentError, parseBase64url } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { generateStoreKey, storeKeyRing } from './store-key-ring.ts'

describe('generateStoreKey', () => {
  it('gives 32 bytes in base64url, others each time', () => {
    expect(parseBase64url(generateStoreKey())).toHaveLength(32)
    expect(generateStoreKey()).not.toBe(generateStoreKey())
  })
})

describe('storeKeyRing', () => {
  const key = generateStoreKey()

  it('derives the same from text and bytes, and keys that cannot be taken out', async () => {
    const [one] = await storeKeyRing('f', [key], 'token')()
    const [other] = await storeKeyRing('f', [parseBase64url(key)], 'token')()
    expect(one?.id).toBe(other?.id)
    expect(one?.id).toHaveLength(11)
    expect([one?.sealing.extractable, one?.naming.extractable]).toEqual([false, false])
  })

  it('does not follow a change to the bytes it was given', async () => {
    const bytes = new Uint8Array(32).fill(7)
    const ring = storeKeyRing('f', [bytes], 'token')
    bytes.fill(8)
    const [untouched] = await storeKeyRing('f', [new Uint8Array(32).fill(7)], 'token')()
    expect((await ring())[0]?.id).toBe(untouched?.id)
  })

  it.each([
    ['nothing', undefined, 'ERR_ARGUMENT_MISSING', 'keys'],
    ['no list', key, 'ERR_ARGUMENT_TYPE', 'keys'],
    ['an empty list', [], 'ERR_ARGUMENT_TYPE', 'keys'],
    ['five keys', Array.from({ length: 5 }, generateStoreKey), 'ERR_ARGUMENT_TYPE', 'keys'],
    ['a short key', [key, key.slice(2)], 'ERR_ARGUMENT_VALUE', 'keys[1]'],
    ['a key in base64', [`${key.slice(1)}=`], 'ERR_ARGUMENT_VALUE', 'keys[0]'],
    ['a key that is no text', [7], 'ERR_ARGUMENT_VALUE', 'keys[0]'],
    ['one key twice', [key, parseBase64url(key)], 'ERR_ARGUMENT_VALUE', 'keys'],
  ])('refuses %s at once, without repeating it', (_, keys, code, option) => {
    let thrown: unknown
    try {
      storeKeyRing('shared', keys, 'token')
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ArgumentError)
    expect(thrown).toMatchObject({ code, option })
    expect(inspect(thrown, { showHidden: true })).not.toContain(key.slice(2, 20))
  })
})
