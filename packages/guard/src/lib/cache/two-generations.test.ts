import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { twoGenerations, type TwoGenerations, type Weighed } from './two-generations.ts'

const KEYS = [1, 2, 3, 4, 5, 6, 7, 8]

/** What is kept of the keys, those set last first, so that the looks themselves move nothing out. */
function keptOf<Value extends Weighed>(
  kept: TwoGenerations<Value>,
  keys: readonly number[],
): readonly Value[] {
  return keys.toReversed().flatMap((key) => kept.get(key) ?? [])
}

interface Named extends Weighed {
  readonly name: number
}

const numbered = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('twoGenerations', () => {
  it('gives what was set last under a key or nothing, within both bounds, whatever is done', () => {
    const set = fc.record({ key: fc.constantFrom(...KEYS), bytes: fc.integer({ min: 1, max: 60 }) })
    const step = fc.oneof(set, fc.record({ key: fc.constantFrom(...KEYS), remove: fc.boolean() }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const kept = twoGenerations<{ readonly bytes: number }>({ maxEntries: 5, maxBytes: 100 })
        const last = new Map<number, { readonly bytes: number }>()
        for (const one of steps) {
          if ('bytes' in one) {
            last.delete(one.key)
            last.set(one.key, one)
            kept.set(one.key, one)
          } else if (one.remove) {
            last.delete(one.key)
            kept.delete(one.key)
          } else expect([undefined, last.get(one.key)]).toContain(kept.get(one.key))
        }
        const found = keptOf(kept, [...last.keys()])
        expect(found.length).toBeLessThanOrEqual(5)
        expect(found.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(100)
      }),
    )
  })

  it.each([
    ['entries', { maxEntries: 10, maxBytes: 1e9 }, 1],
    ['bytes', { maxEntries: 1e9, maxBytes: 100 }, 10],
  ])('keeps the last of many, half of what its %s allow at least', (_what, bounds, bytes) => {
    const kept = twoGenerations<Named>(bounds)
    const keys = numbered(1000)
    for (const key of keys) kept.set(key, { name: key, bytes })
    const last = keptOf(kept, keys).slice(0, 5)
    expect(last.map(({ name }) => name)).toEqual(keys.slice(-5).toReversed())
    expect(keptOf(kept, keys).length).toBeLessThanOrEqual(10)
  })

  it('keeps what is used while a thousand others pass by', () => {
    const kept = twoGenerations<Named>({ maxEntries: 10, maxBytes: 1e9 })
    kept.set(-1, { name: -1, bytes: 1 })
    for (const key of numbered(1000)) {
      kept.set(key, { name: key, bytes: 1 })
      expect(kept.get(-1)?.name).toBe(-1)
    }
  })

  it('keeps nothing that is larger than half of the bytes', () => {
    const kept = twoGenerations<Named>({ maxEntries: 10, maxBytes: 100 })
    kept.set(1, { name: 1, bytes: 50 })
    kept.set(2, { name: 2, bytes: 51 })
    expect([kept.get(1)?.name, kept.get(2)]).toEqual([1, undefined])
  })
})
