import { handClock } from '@countersign/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadFlight, type LoadFlight } from './load-flight.ts'

const TIMEOUT = 5000
const clock = handClock()

/** A load that ends when the test says so, or never, like one whose request is over. */
function heldLoad() {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const state = { begun: 0 }
  const load = (): Promise<boolean> => {
    state.begun++
    return promise
  }
  return { load, end: resolve, state }
}

function makeFlight(): LoadFlight {
  return loadFlight(clock.now, TIMEOUT)
}

describe('loadFlight', () => {
  it('begins one load for a hundred callers, and the next one after it', async () => {
    const flight = makeFlight()
    const { load, end, state } = heldLoad()
    const joined = Array.from({ length: 100 }, () => flight.join(load))
    expect(flight.isOpen()).toBe(true)
    end(true)
    expect(new Set(await Promise.all(joined))).toEqual(new Set([true]))
    expect(state.begun).toBe(1)
    expect(flight.isOpen()).toBe(false)
    await flight.ended()
    expect(await flight.join(async () => false)).toBe(false)
  })
})

describe('loadFlight where requests must not wait for each other', () => {
  beforeEach(() => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    vi.useFakeTimers({ toFake: ['setTimeout'] })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  it('begins one load for a hundred callers, who see that it has ended', async () => {
    const flight = makeFlight()
    const { load, end, state } = heldLoad()
    const joined = Array.from({ length: 100 }, () => flight.join(load))
    const ended = flight.ended()
    await vi.advanceTimersByTimeAsync(100)
    end(true)
    await vi.advanceTimersByTimeAsync(20)
    expect(new Set(await Promise.all(joined))).toEqual(new Set([true]))
    await ended
    expect(state.begun).toBe(1)
    expect(flight.isOpen()).toBe(false)
  })

  it('shares a failure, too', async () => {
    const flight = makeFlight()
    const { load, end } = heldLoad()
    const joined = [flight.join(load), flight.join(load)]
    end(false)
    await vi.advanceTimersByTimeAsync(20)
    expect(await Promise.all(joined)).toEqual([false, false])
  })

  it('takes a load that has not ended after a second for dropped, and begins one more for all', async () => {
    const flight = makeFlight()
    const dropped = heldLoad()
    const next = heldLoad()
    void flight.join(dropped.load)
    const joined = Array.from({ length: 100 }, () => flight.join(next.load))
    await vi.advanceTimersByTimeAsync(1000)
    expect(next.state.begun).toBe(0)
    await vi.advanceTimersByTimeAsync(40)
    expect(next.state.begun).toBe(1)
    next.end(true)
    await vi.advanceTimersByTimeAsync(20)
    expect(new Set(await Promise.all(joined))).toEqual(new Set([true]))
    expect(next.state.begun).toBe(1)
  })

  it('forgets one that began longer ago than a load can take', async () => {
    const flight = makeFlight()
    const dropped = heldLoad()
    void flight.join(dropped.load)
    clock.advance(TIMEOUT - 1)
    expect(flight.isOpen()).toBe(true)
    clock.advance(1)
    expect(flight.isOpen()).toBe(false)
    await flight.ended()
    expect(await flight.join(async () => true)).toBe(true)
  })

  it('lets nobody wait for ever, however many are dropped', async () => {
    const flight = makeFlight()
    void flight.join(heldLoad().load)
    const waiting = flight.ended()
    for (let dropped = 0; dropped < 12; dropped++) {
      clock.advance(TIMEOUT)
      void flight.join(heldLoad().load)
      await vi.advanceTimersByTimeAsync(900)
    }
    expect(await waiting).toBeUndefined()
  })
})
