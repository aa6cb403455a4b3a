import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourlyCount } from './hourly-count.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 1)

describe('hourlyCount', () => {
  it('remembers for an hour, and not much longer', () => {
    const hourly = hourlyCount()
    hourly.add(START)
    expect(hourly.count(START + HOUR)).toBe(1)
    expect(hourly.count(START + HOUR + 5 * MINUTE)).toBe(0)
  })

  it('takes back what did not count', () => {
    const hourly = hourlyCount()
    hourly.add(START)
    hourly.takeBack(START + 10 * MINUTE)
    hourly.takeBack(START + 10 * MINUTE)
    expect(hourly.count(START + 10 * MINUTE)).toBe(0)
  })

  it('neither forgets nor lasts when the clock is set back by eight hours', () => {
    const hourly = hourlyCount()
    hourly.add(START)
    const back = START - 8 * HOUR
    expect(hourly.count(back)).toBe(1)
    expect(hourly.roomIn(1, back)).toBeLessThanOrEqual(65 * MINUTE)
    expect(hourly.count(back + 65 * MINUTE)).toBe(0)
  })

  it('agrees with a list of all instants, to five minutes, and says exactly when there is room', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 40 * MINUTE }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 20 }), (spans, limit) => {
        const hourly = hourlyCount()
        const instants: number[] = []
        let now = START
        for (const span of spans) {
          now += span
          hourly.add(now)
          instants.push(now)
        }
        const within = (span: number) => instants.filter((at) => now - at < span).length
        const counted = hourly.count(now)
        expect(counted).toBeGreaterThanOrEqual(within(HOUR))
        expect(counted).toBeLessThanOrEqual(within(HOUR + 5 * MINUTE))
        const wait = hourly.roomIn(limit, now)
        if (wait > 0) expect(hourly.count(now + wait - 1)).toBeGreaterThanOrEqual(limit)
        expect(hourly.count(now + wait)).toBeLessThan(limit)
      }),
    )
  })
})
