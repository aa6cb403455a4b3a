import { describe, expect, it } from 'vitest'
import { recentEntries } from './recent-entries.ts'

describe('recentEntries', () => {
  it('makes an entry once, and forgets the one that was not used for longest', () => {
    let made = 0
    const entries = recentEntries(2, () => ++made)
    expect([entries.of('a'), entries.of('b'), entries.of('a')]).toEqual([1, 2, 1])
    entries.of('c')
    expect(entries.of('a')).toBe(1)
    expect(entries.of('b')).toBe(4)
    expect(entries.size).toBe(2)
  })

  it('stays within its bound, whatever the keys', () => {
    const entries = recentEntries(100, () => ({}))
    for (let key = 0; key < 10_000; key++) entries.of(`tenant-${key}`)
    expect(entries.size).toBe(100)
  })
})
