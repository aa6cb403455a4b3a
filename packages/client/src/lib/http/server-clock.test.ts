import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { serverClock } from './server-clock.ts'

describe('serverClock', () => {
  const at = (time: number) => new Date(time).toUTCString()

  it.each([
    ['30 s ahead', 30_000, 30_000],
    ['5 minutes behind', -300_000, -300_000],
    ['a second off, which is the header alone', 1000, 0],
    ['a day off, which nobody believes', 86_400_000, 0],
  ])('follows a server that is %s', (_, difference, offset) => {
    const clock = handClock(1_000_000_000)
    const server = serverClock(clock.now)
    server.learn(at(clock.now() + difference))
    expect(Math.abs(server.now() - clock.now() - offset)).toBeLessThanOrEqual(1000)
  })

  it('ignores what is no date, and forgets a difference that is gone', () => {
    const clock = handClock(1_000_000_000)
    const server = serverClock(clock.now)
    server.learn('soon')
    server.learn(null)
    expect(server.now()).toBe(clock.now())
    server.learn(at(clock.now() + 60_000))
    server.learn(at(clock.now()))
    expect(server.now()).toBe(clock.now())
  })
})
