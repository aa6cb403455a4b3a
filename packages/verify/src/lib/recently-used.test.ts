import { describe, expect, it } from 'vitest'
import { recentlyUsed } from './recently-used.ts'

describe('recentlyUsed', () => {
  it('keeps what was used last, and no more than its limit', () => {
    const used = recentlyUsed<{ readonly name: string }>(2)
    for (const name of ['a', 'b']) used.set(name, { name })
    expect(used.get('a')).toEqual({ name: 'a' })
    used.set('c', { name: 'c' })
    expect(['a', 'b', 'c'].map((key) => used.get(key)?.name)).toEqual(['a', undefined, 'c'])
    used.set('a', { name: 'A' })
    used.set('d', { name: 'd' })
    expect(['a', 'c', 'd'].map((key) => used.get(key)?.name)).toEqual(['A', undefined, 'd'])
  })

  it('takes any text for a key', () => {
    const used = recentlyUsed<object>(10)
    for (const key of ['__proto__', 'constructor', '']) {
      expect(used.get(key)).toBeUndefined()
      used.set(key, { key })
      expect(used.get(key)).toEqual({ key })
    }
  })
})
