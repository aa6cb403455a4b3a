import { describe, expect, it } from 'vitest'
import { isFirstUse } from './first-use.ts'

function recording() {
  const reserved = new Map<string, number>()
  return {
    reserved,
    async reserve(key: string, expiresAt: number) {
      const first = !reserved.has(key)
      reserved.set(key, expiresAt)
      return first
    },
  }
}

describe('isFirstUse', () => {
  it('tells the same parts from others, wherever one ends and the next begins', async () => {
    const uses = recording()
    const lists = [['a', 'b'], ['ab'], ['ab', ''], ['', 'ab'], ['a', '1:b'], ['a1:b'], ['b', 'a']]
    for (const parts of lists) expect(await isFirstUse(uses, parts, 1)).toBe(true)
    for (const parts of lists) expect(await isFirstUse(uses, parts, 1)).toBe(false)
    for (const key of uses.reserved.keys()) expect(key).toMatch(/^[\w-]{43}$/)
  })

  it('remembers until a whole millisecond, no sooner than it must', async () => {
    const uses = recording()
    await isFirstUse(uses, ['a'], 1_800_000_000_000.25)
    expect([...uses.reserved.values()]).toEqual([1_800_000_000_001])
  })
})
