import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { RefusalError, TransportError } from '../errors/token-error.ts'
import type { TokenRequest } from '../token-source.ts'
import { keepToken } from './keep-token.ts'

const HOUR = 3_600_000
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A kept token whose renewal ahead of need is under way, and how it and later requests end. */
async function renewing() {
  const clock = handClock()
  const asked: TokenRequest[] = []
  const waiting: { resolve(token: AccessToken): void; reject(reason: unknown): void }[] = []
  const keeper = keepToken(
    (request = {}) => {
      asked.push(request)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    { now: clock.now, monotonic: clock.now, random: () => 0 },
  )
  const answer = (value: string) =>
    waiting
      .shift()
      ?.resolve(new AccessToken({ value, obtainedAt: clock.now(), expiresAt: clock.now() + HOUR }))
  const first = keeper.source()
  answer('a')
  const held = await first
  clock.advance(0.8 * HOUR)
  await keeper.source()
  expect(asked.map(({ background }) => background)).toEqual([undefined, true])
  return {
    ...keeper,
    clock,
    asked,
    held,
    answer,
    fail: (why: Error) => waiting.shift()?.reject(why),
  }
}
const outage = (retryAfter?: number) =>
  new TransportError('ERR_NETWORK', 'down', { phase: 'token', retryAfter })

describe('a renewal that was begun ahead of need, once callers wait for it', () => {
  it('is made good by one more request where it fails and may pass', async () => {
    const { source, clock, asked, answer, fail } = await renewing()
    clock.advance(0.2 * HOUR)
    const late = [source(), source(), source()]
    fail(outage())
    await settled()
    expect(asked).toHaveLength(3)
    expect(asked[2]).not.toHaveProperty('background')
    answer('b')
    expect((await Promise.all(late)).map(({ value }) => value)).toEqual(['b', 'b', 'b'])
    expect(asked).toHaveLength(3)
  })

  it.each<[string, Error]>([
    ['for good', new RefusalError('ERR_REFUSED', 'no', { phase: 'token' })],
    ['and the server asks to wait', outage(2000)],
  ])('is the last word where it fails %s', async (_, failure) => {
    const { source, clock, asked, fail } = await renewing()
    clock.advance(0.2 * HOUR)
    const late = source()
    fail(failure)
    await expect(late).rejects.toBe(failure)
    expect(asked).toHaveLength(2)
  })

  it('gives way to another request where it brings the token that they reject', async () => {
    const { source, asked, held, answer } = await renewing()
    const callers = Array.from({ length: 100 }, () => source({ rejected: held }))
    answer('a')
    await settled()
    expect(asked).toHaveLength(3)
    expect(asked[2]?.rejected?.value).toBe('a')
    answer('b')
    expect(new Set((await Promise.all(callers)).map(({ value }) => value))).toEqual(new Set(['b']))
    expect(asked).toHaveLength(3)
  })
})

describe('requests that are not shared', () => {
  it('do not bring the renewal of a token forward by failing after another one landed', async () => {
    const clock = handClock()
    const waiting: { resolve(token: AccessToken): void; reject(reason: unknown): void }[] = []
    const { source, status } = keepToken(
      () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
      { now: clock.now, monotonic: clock.now, random: () => 0, shareRequests: false },
    )
    const [good, bad] = [source(), source()]
    waiting[0]?.resolve(
      new AccessToken({ value: 'a', obtainedAt: clock.now(), expiresAt: clock.now() + HOUR }),
    )
    await good
    expect(status().asking).toBe(true)
    waiting[1]?.reject(outage())
    await expect(bad).rejects.toThrow()
    expect(status()).toMatchObject({ asking: false, renewsIn: 0.75 * HOUR })
  })

  it('remember a failure even while one that the platform dropped never ends', async () => {
    const clock = handClock()
    const rejects: ((reason: unknown) => void)[] = []
    const { source } = keepToken(() => new Promise((_, reject) => rejects.push(reject)), {
      now: clock.now,
      shareRequests: false,
    })
    const failing = source()
    void source()
    rejects[0]?.(outage())
    await expect(failing).rejects.toThrow('down')
    await expect(source()).rejects.toThrow('down')
    expect(rejects).toHaveLength(2)
  })
})
