import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { keepToken } from './keep-token.ts'

const HOUR = 3_600_000

/** A kept token, a clock and a monotonic clock that are turned apart from each other. */
async function kept(life: number) {
  const wall = handClock()
  const steady = handClock(0)
  let asked = 0
  const keeper = keepToken(
    async () =>
      new AccessToken({
        value: `token-${++asked}`,
        obtainedAt: wall.now(),
        expiresAt: wall.now() + life,
      }),
    { now: wall.now, monotonic: steady.now, random: () => 0 },
  )
  await keeper.source()
  return {
    ...keeper,
    wall,
    steady,
    asked: () => asked,
    both(milliseconds: number) {
      wall.advance(milliseconds)
      steady.advance(milliseconds)
    },
  }
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the life of a kept token', () => {
  it.each([1000, 59_000, 60_000, 61_000, 30 * 24 * HOUR, 1e10 * 1000])(
    'of %i ms is used to its end and renewed ahead of it, never in a loop',
    async (life) => {
      const { source, both, asked } = await kept(life)
      for (let step = 0; step < 100; step++) {
        both(life / 100)
        await source()
        await settled()
      }
      // Renewed after three quarters of the life, once.
      expect(asked()).toBe(2)
    },
  )

  it('costs one look at the clock, and at the monotonic one once a second', async () => {
    const wall = handClock()
    let looks = 0
    const { source, peek } = keepToken(
      async () =>
        new AccessToken({ value: 'a', obtainedAt: wall.now(), expiresAt: wall.now() + HOUR }),
      { now: wall.now, monotonic: () => (looks++, wall.now()) },
    )
    await source()
    for (const read of [peek, source]) {
      wall.advance(1001)
      looks = 0
      for (let time = 0; time < 1000; time += 10) {
        expect(await read()).toMatchObject({ value: 'a' })
        wall.advance(10)
      }
      expect(looks).toBe(1)
    }
  })

  it('ends when the clock jumps 8 hours ahead', async () => {
    const { source, wall } = await kept(HOUR)
    wall.advance(8 * HOUR)
    expect((await source()).value).toBe('token-2')
  })

  it('is not prolonged when the clock is set back an hour', async () => {
    const { source, wall, steady, both } = await kept(HOUR)
    both(HOUR / 2)
    wall.advance(-HOUR)
    expect((await source()).value).toBe('token-1')
    steady.advance(HOUR / 2)
    wall.advance(HOUR / 2)
    expect((await source()).value).toBe('token-2')
  })

  it('is not prolonged by a sleep that the monotonic clock slept through', async () => {
    const { source, wall } = await kept(HOUR)
    wall.advance(2 * HOUR)
    expect((await source()).value).toBe('token-2')
  })

  it('is not prolonged when the clock is set back while the token is on its way', async () => {
    const wall = handClock()
    const steady = handClock(0)
    let asked = 0
    const { source } = keepToken(
      async () => {
        const obtainedAt = wall.now()
        if (++asked === 1) wall.advance(-HOUR)
        return new AccessToken({
          value: `token-${asked}`,
          obtainedAt,
          expiresAt: obtainedAt + HOUR,
        })
      },
      { now: wall.now, monotonic: steady.now },
    )
    expect((await source()).value).toBe('token-1')
    wall.advance(HOUR)
    steady.advance(HOUR)
    expect((await source()).value).toBe('token-2')
  })

  it('does not make calls wait when the clock is set back a little', async () => {
    const { source, wall, asked } = await kept(HOUR)
    wall.advance(-5000)
    expect((await source()).value).toBe('token-1')
    expect(asked()).toBe(1)
  })
})

describe('peek and status', () => {
  it('tell of the held token at once, and of nothing else', async () => {
    const { peek, status, both, source } = await kept(HOUR)
    expect(peek()?.value).toBe('token-1')
    expect(status()).toMatchObject({
      state: 'good',
      expiresIn: HOUR,
      renewsIn: HOUR * 0.75,
      tokenRequests: 1,
      tokensServed: 1,
    })
    both(HOUR * 0.8)
    // Due for renewal: a peek starts none, so it sends its caller to where one is started.
    expect(peek()).toBeUndefined()
    expect(status()).toMatchObject({ state: 'good', asking: false, expiresIn: HOUR * 0.2 })
    await source()
    await settled()
    expect(peek()?.value).toBe('token-2')
    both(2 * HOUR)
    expect(status()).toMatchObject({ state: 'empty', expiresIn: undefined })
  })

  it('tell of failures until they are made good', async () => {
    const clock = handClock()
    let down = true
    const keeper = keepToken(
      async () => {
        if (down) throw new Error('secret-marker')
        return new AccessToken({ value: 'a', obtainedAt: clock.now() })
      },
      { now: clock.now, failureMemory: 0 },
    )
    expect(keeper.status()).toMatchObject({ state: 'empty', lastError: undefined })
    await expect(keeper.source()).rejects.toThrow()
    expect(keeper.status()).toMatchObject({ state: 'failed', lastError: { code: 'UNKNOWN' } })
    expect(JSON.stringify(keeper.status())).not.toContain('secret-marker')
    down = false
    await keeper.source()
    expect(keeper.status()).toMatchObject({ state: 'good', lastError: undefined })
  })
})
