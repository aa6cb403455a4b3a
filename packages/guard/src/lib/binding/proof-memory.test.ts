import { handClock } from '@countersign/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { proofMemory } from './proof-memory.ts'

function memory(total: number, perKey = total) {
  const clock = handClock()
  const store = proofMemory({ total, perKey }, clock.now)
  const reserve = (key: string, client = 'a', life = 70_000) =>
    store.reserve(key, clock.now() + life, client)
  return { clock, reserve }
}

describe('proofMemory', () => {
  it('is first once, until the proof has ended, and a second at most beyond [field:68]', () => {
    const { clock, reserve } = memory(10)
    expect([reserve('p'), reserve('p')]).toEqual([true, false])
    clock.advance(70_000)
    expect(reserve('p')).toBe(false)
    clock.advance(1000)
    expect(reserve('p')).toBe(true)
  })

  it('takes no new proof where it is full, knows those it holds, and forgets none of them [std:220]', () => {
    const { clock, reserve } = memory(3)
    expect(['p', 'q', 'r', 's'].map((key) => reserve(key))).toEqual([true, true, true, 'full'])
    expect(['p', 'q', 'r'].map((key) => reserve(key))).toEqual([false, false, false])
    clock.advance(71_000)
    expect(reserve('s')).toBe(true)
  })

  it('holds so many of one key, and leaves the rest to others [field:68]', () => {
    const { clock, reserve } = memory(4, 2)
    expect(['p', 'q', 'r'].map((key) => reserve(key, 'a'))).toEqual([true, true, 'full'])
    expect(['s', 't', 'u'].map((key) => reserve(key, 'b'))).toEqual([true, true, 'full'])
    expect(reserve('v', 'c')).toBe('full')
    clock.advance(71_000)
    expect(['w', 'x'].map((key) => reserve(key, 'a'))).toEqual([true, true])
  })

  it('loses nothing to a clock that is set back', () => {
    const { clock, reserve } = memory(10)
    reserve('p')
    clock.advance(-3_600_000)
    reserve('q', 'a', 1000)
    clock.advance(3_600_000)
    expect(reserve('p')).toBe(false)
    expect(reserve('q')).toBe(true)
  })

  it('agrees with a plain list, whatever comes', () => {
    const step = fc.record({
      key: fc.constantFrom('p', 'q', 'r', 's', 't', 'u'),
      client: fc.constantFrom('a', 'b'),
      life: fc.integer({ min: 0, max: 5 }).map((seconds) => seconds * 1000),
      pause: fc.integer({ min: 0, max: 3 }).map((seconds) => seconds * 1000),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, reserve } = memory(4, 3)
        let held: { key: string; client: string; until: number }[] = []
        for (const { key, client, life, pause } of steps) {
          clock.advance(pause)
          held = held.filter(({ until }) => until >= clock.now())
          const isFull = held.length >= 4 || held.filter((one) => one.client === client).length >= 3
          const expected = held.some((one) => one.key === key) ? false : isFull ? 'full' : true
          expect(reserve(key, client, life)).toBe(expected)
          if (expected === true) held.push({ key, client, until: clock.now() + life })
        }
      }),
    )
  })
})
