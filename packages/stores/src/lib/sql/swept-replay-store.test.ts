import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { sweptReplayStore } from './swept-replay-store.ts'

function swept(forgetExpired: (at: number) => Promise<void>) {
  const clock = handClock()
  const inner = { reserve: async () => true, forgetExpired, close: async () => {} }
  return { clock, store: sweptReplayStore(inner, clock.now) }
}

describe('sweptReplayStore', () => {
  it('forgets once a minute, beside a use, what ended a minute ago', async () => {
    const asked: number[] = []
    const { clock, store } = swept(async (at) => void asked.push(at))
    await store.reserve('a', 1)
    clock.advance(59_999)
    await store.reserve('b', 1)
    expect(asked).toEqual([])
    clock.advance(1)
    await Promise.all([store.reserve('c', 1), store.reserve('d', 1)])
    expect(asked).toEqual([clock.now() - 60_000])
    clock.advance(60_000)
    await store.reserve('e', 1)
    expect(asked).toHaveLength(2)
  })

  it('neither waits for the sweep nor fails with it, and makes one at a time', async () => {
    let calls = 0
    let fail = (): void => {}
    const { clock, store } = swept(() => {
      calls++
      return new Promise((_, reject) => (fail = () => reject(new Error('no'))))
    })
    for (let minute = 0; minute < 3; minute++) {
      clock.advance(60_000)
      expect(await store.reserve('a', 1)).toBe(true)
    }
    expect(calls).toBe(1)
    fail()
    await new Promise(setImmediate)
    clock.advance(60_000)
    await store.reserve('b', 1)
    expect(calls).toBe(2)
  })
})
