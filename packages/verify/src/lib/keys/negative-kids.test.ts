import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { MAX_NEGATIVE_KIDS, NEGATIVE_KID_LIFE, negativeKids } from './negative-kids.ts'

describe('negativeKids', () => {
  it('forgets a kid when its time is over', () => {
    const clock = handClock()
    const kids = negativeKids(clock.now)
    kids.add('a')
    clock.advance(NEGATIVE_KID_LIFE - 1)
    expect(kids.has('a')).toBe(true)
    clock.advance(1)
    expect(kids.has('a')).toBe(false)
  })

  it('holds at most its bound, and drops the one used longest ago', () => {
    const kids = negativeKids(handClock().now)
    for (let i = 0; i < MAX_NEGATIVE_KIDS; i++) kids.add(`kid-${i}`)
    expect(kids.has('kid-0')).toBe(true)
    kids.add('one more')
    expect(kids.has('kid-0')).toBe(true)
    expect(kids.has('kid-1')).toBe(false)
    expect(kids.has('one more')).toBe(true)
  })

  it('takes __proto__ for a kid like any other', () => {
    const kids = negativeKids(handClock().now)
    expect(kids.has('__proto__')).toBe(false)
    kids.add('__proto__')
    expect(kids.has('__proto__')).toBe(true)
  })

  it('forgets all when the clock is set back, rather than remember for longer', () => {
    const clock = handClock()
    const kids = negativeKids(clock.now)
    kids.add('a')
    clock.advance(-1)
    expect(kids.has('a')).toBe(false)
  })
})
