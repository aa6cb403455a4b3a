import { describe, expect, it } from 'vitest'
import { recentlyUsed } from './recently-used.ts'

describe('recentlyUsed', () => {
  it('makes an entry once, and forgets the one that was not used for longest', () => {
    let made = 0
    const entries = recentlyUsed<number>(2)
    const of = (key: string) => entries.of(key, () => ++made)
    expect([of('a'), of('b'), of('a')]).toEqual([1, 2, 1])
    of('c')
    expect(of('a')).toBe(1)
    expect(of('b')).toBe(4)
    expect(entries.get('c')).toBeUndefined()
  })

  it('takes reading and writing for use', () => {
    const entries = recentlyUsed<number>(2)
    entries.set('a', 1)
    entries.set('b', 2)
    expect(entries.get('a')).toBe(1)
    entries.set('c', 3)
    expect([entries.get('a'), entries.get('b'), entries.get('c')]).toEqual([1, undefined, 3])
  })

  it('stays within its bound, whatever the keys', () => {
    const entries = recentlyUsed<number>(100)
    for (let key = 0; key < 10_000; key++) entries.set(`tenant-${key}`, key)
    const left = Array.from({ length: 10_000 }, (_, key) => entries.get(`tenant-${key}`))
    expect(left.filter((one) => one !== undefined)).toHaveLength(100)
  })
})
