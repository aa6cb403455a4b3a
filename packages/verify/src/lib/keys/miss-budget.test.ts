import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { MISS_BURST, MISS_INTERVAL, missBudget } from './miss-budget.ts'

function takeAll(budget: { take(): boolean }): number {
  let taken = 0
  while (budget.take()) taken++
  return taken
}

describe('missBudget', () => {
  it('earns one load for each interval, and never saves more than a burst', () => {
    const clock = handClock()
    const budget = missBudget(clock.now)
    expect(takeAll(budget)).toBe(MISS_BURST)
    clock.advance(MISS_INTERVAL - 1)
    expect(takeAll(budget)).toBe(0)
    clock.advance(1)
    expect(takeAll(budget)).toBe(1)
    clock.advance(100 * MISS_INTERVAL)
    expect(takeAll(budget)).toBe(MISS_BURST)
  })

  it('earns nothing on the way while it is full', () => {
    const clock = handClock()
    const budget = missBudget(clock.now)
    clock.advance(MISS_INTERVAL - 1)
    expect(takeAll(budget)).toBe(MISS_BURST)
    clock.advance(MISS_INTERVAL - 1)
    expect(takeAll(budget)).toBe(0)
    clock.advance(1)
    expect(takeAll(budget)).toBe(1)
  })

  it('takes a load back', () => {
    const budget = missBudget(handClock().now)
    takeAll(budget)
    budget.giveBack()
    expect(takeAll(budget)).toBe(1)
  })

  it('earns on after the clock was set back', () => {
    const clock = handClock()
    const budget = missBudget(clock.now)
    takeAll(budget)
    clock.advance(-24 * 3_600_000)
    expect(takeAll(budget)).toBe(0)
    clock.advance(MISS_INTERVAL)
    expect(takeAll(budget)).toBe(1)
  })
})
