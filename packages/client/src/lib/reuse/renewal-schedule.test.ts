import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { renewalBackoff, renewalSchedule } from './renewal-schedule.ts'

const lives = fc.integer({ min: 1, max: 315_360_000_000 })
const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

function token(life: number, refreshAt?: number): AccessToken {
  return new AccessToken({
    value: 't',
    obtainedAt: 1_000_000,
    expiresAt: 1_000_000 + life,
    refreshAt,
  })
}

describe('renewalSchedule', () => {
  it('renews after half the life and before the token stops being handed out', () => {
    fc.assert(
      fc.property(lives, draws, (life, draw) => {
        const { renewAt, usableUntil } = renewalSchedule(token(life), () => draw)
        expect(renewAt).toBeGreaterThan(1_000_000 + life / 2)
        expect(renewAt).toBeLessThan(usableUntil)
        expect(usableUntil).toBeLessThan(1_000_000 + life)
        expect(usableUntil).toBeGreaterThanOrEqual(1_000_000 + life - 10_000)
      }),
    )
  })

  it('follows the server where it wants renewal earlier', () => {
    expect(renewalSchedule(token(3_600_000, 1_000_100), () => 0).renewAt).toBe(1_000_100)
    expect(renewalSchedule(token(3_600_000, 9e15), () => 0).renewAt).toBe(1_000_000 + 2_700_000)
  })

  it('spreads a fleet that started together: no 5 % of the window has over 10 % of it', () => {
    for (const life of [60_000, 3_600_000, 86_400_000]) {
      const renewals = Array.from({ length: 1000 }, () => renewalSchedule(token(life), Math.random))
      const instants = renewals.map(({ renewAt }) => renewAt)
      const first = Math.min(...instants)
      const slice = (Math.max(...instants) - first) / 20
      const slices = Map.groupBy(instants, (instant) => Math.floor((instant - first) / slice))
      const busiest = Math.max(...Array.from(slices.values(), (one) => one.length))
      expect(busiest).toBeLessThanOrEqual(100)
    }
  })
})

describe('renewalBackoff', () => {
  it('grows, stays within a minute or so, and never undercuts what the server asks', () => {
    fc.assert(
      fc.property(lives, draws, fc.integer({ min: 1, max: 1000 }), (life, draw, failures) => {
        const random = () => draw
        const wait = renewalBackoff(token(life), failures, { random })
        expect(wait).toBeGreaterThanOrEqual(25)
        expect(wait).toBeLessThanOrEqual(61_000)
        expect(renewalBackoff(token(life), failures, { random, retryAfter: 90_000 })).toBe(90_000)
      }),
    )
  })
})
