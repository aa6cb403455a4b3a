import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryNonceStore, nonceOf } from './nonce-store.ts'

describe('memoryNonceStore', () => {
  it('keeps a thousand, and forgets what was used longest ago', () => {
    const store = memoryNonceStore()
    for (let i = 0; i < 1000; i++) store.set(`key-${i}`, `n-${i}`)
    expect(store.get('key-0')).toBe('n-0')
    store.set('key-1000', 'n-1000')
    expect(store.get('key-0')).toBe('n-0')
    expect(store.get('key-1')).toBe(undefined)
    expect(store.get('key-1000')).toBe('n-1000')
  })

  it('gives what was set last, and never holds more than its limit', () => {
    const entry = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.string({ minLength: 1 }))
    fc.assert(
      fc.property(fc.array(entry), fc.integer({ min: 1, max: 4 }), (entries, limit) => {
        const store = memoryNonceStore(limit)
        for (const [key, nonce] of entries) {
          store.set(key, nonce)
          expect(store.get(key)).toBe(nonce)
        }
        const held = ['a', 'b', 'c', 'd', 'e'].filter((key) => store.get(key) !== undefined)
        expect(held.length).toBeLessThanOrEqual(limit)
      }),
    )
  })
})

describe('nonceOf', () => {
  it.each([
    ['eyJ7S_zG.eyJH0-Z.HX4w-7v', true],
    [`!#$%&'()*+,-./:;<=>?@[]^_\`{|}~`, true],
    ['n'.repeat(1024), true],
    ['n'.repeat(1025), false],
    ['two words', false],
    ['"quoted"', false],
    ['back\\slash', false],
    ['', false],
  ])('takes %s: %s', (value, taken) => {
    expect(nonceOf(new Headers({ 'dpop-nonce': value }))).toBe(taken ? value : undefined)
  })

  it('takes none of two', () => {
    const headers = new Headers({ 'dpop-nonce': 'one' })
    headers.append('dpop-nonce', 'two')
    expect(nonceOf(headers)).toBe(undefined)
    expect(nonceOf(new Headers())).toBe(undefined)
  })
})
