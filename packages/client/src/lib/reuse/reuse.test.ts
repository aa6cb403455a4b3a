import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { scripted } from '../../../test/scripted-source.ts'
import { AccessToken } from '../access-token.ts'
import { TransportError } from '../errors/token-error.ts'
import type { ClientEvent } from '../events.ts'
import { keepToken } from './keep-token.ts'
import { reuse } from './reuse.ts'

/** Lets promises that are ready run their continuations. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

const outage = () => new TransportError('ERR_NETWORK', 'down', { phase: 'token' })

describe('reuse', () => {
  it('makes one request for 10,000 callers at once, and none for those after', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const callers = Array.from({ length: 10_000 }, () => source())
    script.answer('a')
    const tokens = await Promise.all(callers)
    expect(script.asked).toHaveLength(1)
    expect(new Set(tokens.map((token) => token.value))).toEqual(new Set(['a']))
    await source()
    expect(script.asked).toHaveLength(1)
  })

  it('lets one caller leave by its own signal while the others are served', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const leaving = new AbortController()
    const first = source({ signal: leaving.signal })
    const second = source()
    const reason = new Error('no time')
    leaving.abort(reason)
    await expect(first).rejects.toBe(reason)
    script.answer('a')
    expect((await second).value).toBe('a')
    expect(script.asked[0]?.signal?.aborted).toBe(false)
  })

  it('does not ask at all for a caller that has left already', async () => {
    const script = scripted(handClock())
    const source = reuse(script.source)
    await expect(source({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    expect(script.asked).toHaveLength(0)
  })

  it('hands out the held token and renews once in the background inside the window', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now, random: () => 0 })
    const first = source()
    script.answer('a')
    await first
    clock.advance(2_800_000)
    const inWindow = await Promise.all([source(), source(), source()])
    expect(inWindow.map((token) => token.value)).toEqual(['a', 'a', 'a'])
    expect(script.asked).toHaveLength(2)
    script.answer('b')
    await settled()
    expect((await source()).value).toBe('b')
    expect(script.asked).toHaveLength(2)
  })

  it('fixes the instant of renewal once per token, however often it is asked', async () => {
    const clock = handClock()
    const script = scripted(clock)
    let drawn = 0
    const source = reuse(script.source, { now: clock.now, random: () => ++drawn / 1000 })
    const first = source()
    script.answer('a')
    await first
    for (let i = 0; i < 1000; i++) await source()
    expect(drawn).toBe(1)
  })

  it('rides out an outage: every call gets the held token, tries back off, events tell', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const events: ClientEvent[] = []
    const source = reuse(script.source, { now: clock.now, onEvent: (event) => events.push(event) })
    const first = source()
    script.answer('a')
    await first
    // From the start of the window to the end of the token, one call a second.
    clock.advance(2_700_000)
    for (let second = 0; second < 880; second++) {
      expect((await source()).value).toBe('a')
      script.fail(outage())
      await settled()
      clock.advance(1000)
    }
    expect(events.every((event) => event.type === 'token.failed' && event.background)).toBe(true)
    // 880 calls, but tries grow to a minute apart.
    expect(events.length).toBeGreaterThan(10)
    expect(events.length).toBeLessThan(60)
  })

  it.each([1000, 30_000, 3_600_000])(
    'never hands out a token of %i ms that has ended, and recovers at once when the source is back',
    async (life) => {
      const clock = handClock()
      const script = scripted(clock, life)
      const source = reuse(script.source, { now: clock.now, failureMemory: 0 })
      const first = source()
      script.answer('a')
      await first
      for (let step = 0; step < 600; step++) {
        clock.advance(life / 400)
        const asking = source()
        script.fail(outage())
        const [outcome] = await Promise.allSettled([asking])
        await settled()
        const usable = outcome.status === 'fulfilled' ? outcome.value.expiresAt : Infinity
        expect(usable).toBeGreaterThan(clock.now())
        expect(outcome.status).toBe(step < 370 ? 'fulfilled' : outcome.status)
      }
      const back = source()
      script.answer('b')
      expect((await back).value).toBe('b')
    },
  )

  it('asks again at the end of a token that the server keeps giving', async () => {
    const clock = handClock()
    let expiresAt = clock.now() + 60_000
    let value = 'a'
    const source = reuse(
      async () => new AccessToken({ value, obtainedAt: clock.now(), expiresAt }),
      { now: clock.now },
    )
    for (let second = 0; second < 56; second++) {
      await source()
      await settled()
      clock.advance(1000)
    }
    expiresAt = clock.now() + 60_000
    value = 'b'
    clock.advance(4001)
    expect((await source()).value).toBe('b')
  })

  it('waits as long as the server asks before it tries a renewal again', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const first = source()
    script.answer('a')
    await first
    clock.advance(2_700_000)
    await source()
    script.fail(new TransportError('ERR_NETWORK', 'busy', { phase: 'token', retryAfter: 300_000 }))
    await settled()
    clock.advance(299_000)
    await source()
    expect(script.asked).toHaveLength(2)
    clock.advance(2000)
    await source()
    expect(script.asked).toHaveLength(3)
  })

  it('makes callers wait for another token once the held one is at its end', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const first = source()
    script.answer('a')
    await first
    clock.advance(3_599_000)
    const late = [source(), source()]
    await settled()
    script.answer('b')
    expect((await Promise.all(late)).map((token) => token.value)).toEqual(['b', 'b'])
    expect(script.asked).toHaveLength(2)
  })

  it('shares a failure with all who waited, and for a moment with those who come after', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const callers = Promise.allSettled([source(), source(), source()])
    script.fail(outage())
    const reasons = (await callers).map((one) => (one.status === 'rejected' ? one.reason : one))
    expect(new Set(reasons).size).toBe(1)
    await expect(source()).rejects.toBe(reasons[0])
    expect(script.asked).toHaveLength(1)
    clock.advance(1001)
    const next = source()
    expect(script.asked).toHaveLength(2)
    script.answer('a')
    expect((await next).value).toBe('a')
  })

  it('does not spin on a server that gives the same token again', async () => {
    const clock = handClock()
    const expiresAt = clock.now() + 600_000
    let requests = 0
    const source = reuse(
      async () => {
        requests++
        return new AccessToken({ value: 'same', obtainedAt: clock.now(), expiresAt })
      },
      { now: clock.now },
    )
    for (let i = 0; i < 5700; i++) {
      await source()
      await Promise.resolve()
      clock.advance(100)
    }
    expect(requests).toBeLessThan(40)
  })

  it('keeps a token that never ends until it is refused', async () => {
    const clock = handClock()
    let requests = 0
    const source = reuse(
      async () => new AccessToken({ value: `t${++requests}`, obtainedAt: clock.now() }),
      { now: clock.now },
    )
    const rejected = await source()
    clock.advance(1e12)
    expect((await source()).value).toBe('t1')
    expect((await source({ rejected })).value).toBe('t2')
  })

  it('shares a token without life with those who wait, and keeps it for nobody else', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const callers = [source(), source()]
    script.answer('once', 0)
    expect((await Promise.all(callers)).map((token) => token.value)).toEqual(['once', 'once'])
    void source()
    expect(script.asked).toHaveLength(2)
  })

  it('ends a hanging request at its own deadline, whoever waits', async () => {
    const source = reuse(() => new Promise<AccessToken>(() => {}), { timeout: 20 })
    await expect(source()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', retryable: true })
  })

  it('raises no unhandled rejection when a renewal nobody waits for fails', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, {
      now: clock.now,
      onEvent: () => {
        throw new Error('listener')
      },
    })
    const first = source()
    script.answer('a')
    await first
    clock.advance(3_000_000)
    await source()
    script.fail(outage())
    await settled()
    await settled()
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })

  it('treats a source that throws like one that rejects', async () => {
    const source = reuse(() => {
      throw new Error('broken')
    })
    await expect(source()).rejects.toThrow('broken')
  })

  it.each([[undefined], [null], ['token'], [{}]])(
    'treats a source that gives %j like one that fails: told, and remembered',
    async (given) => {
      const events: ClientEvent[] = []
      let asked = 0
      const source = reuse(
        (async () => {
          asked++
          return given
        }) as never,
        { onEvent: (event) => events.push(event) },
      )
      await expect(source()).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
      await expect(source()).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
      expect(asked).toBe(1)
      expect(events.map(({ type }) => type)).toEqual(['token.failed'])
    },
  )

  it('shares tokens but no promise where requests must not wait for each other', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now, shareRequests: false })
    const overlapping = [source(), source()]
    expect(script.asked).toHaveLength(2)
    script.answer('a')
    script.answer('b')
    expect((await Promise.all(overlapping)).map((token) => token.value)).toEqual(['a', 'b'])
    expect((await source()).value).toBe('b')
    expect(script.asked).toHaveLength(2)
    // A renewal that its platform drops neither blocks nor multiplies: one look per step of back-off.
    clock.advance(3_000_000)
    for (let i = 0; i < 100; i++) await source()
    expect(script.asked).toHaveLength(3)
    clock.advance(5000)
    await source()
    expect(script.asked).toHaveLength(4)
  })

  it('gives back a source that keeps tokens already, as it is', () => {
    const kept = reuse(async () => new AccessToken({ value: 'a', obtainedAt: 0 }))
    expect(reuse(kept)).toBe(kept)
  })

  it('hands a held token out as the very same settled promise', async () => {
    const source = reuse(async () => new AccessToken({ value: 'a', obtainedAt: Date.now() }))
    await source()
    expect(source()).toBe(source())
  })

  it.each([
    [{ timeout: -1 }, 'timeout'],
    [{ timeout: '5' }, 'timeout'],
    [{ now: 5 }, 'now'],
    [{ shareRequests: 'no' }, 'shareRequests'],
    [{ failureMemmory: 5 }, "did you mean 'failureMemory'"],
  ])('refuses %j at once', (options, named) => {
    const make = () =>
      reuse(async () => new AccessToken({ value: 'a', obtainedAt: 0 }), options as never)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(named)
  })

  it('asks once more where a token had ended when it came', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const waiting = source()
    const late = script.token('late', 5000)
    clock.advance(5000)
    script.resolve(late)
    await settled()
    expect(script.asked).toHaveLength(2)
    expect(script.asked[1]?.signal).toBe(script.asked[0]?.signal)
    script.answer('b')
    expect((await waiting).value).toBe('b')
    expect((await source()).value).toBe('b')
  })

  it('hands out no token that had ended when it came, and says so', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const keeper = keepToken(script.source, { now: clock.now, monotonic: clock.now })
    const waiting = keeper.source()
    for (const value of ['a', 'b']) {
      const late = script.token(value, 5000)
      clock.advance(5001)
      script.resolve(late)
      await settled()
    }
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_NO_TOKEN', phase: 'token' })
    expect(script.asked).toHaveLength(2)
    expect(keeper.peek()).toBeUndefined()
    expect(keeper.status()).toMatchObject({ state: 'failed', tokenRequests: 2 })
  })

  it('keeps the held token where one that came ahead of need had ended, and asks no second time', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now, random: () => 0 })
    const first = source()
    script.answer('a')
    await first
    clock.advance(2_800_000)
    expect((await source()).value).toBe('a')
    const late = script.token('b', 5000)
    clock.advance(5000)
    script.resolve(late)
    await settled()
    expect(script.asked).toHaveLength(2)
    expect((await source()).value).toBe('a')
  })

  it('takes a life of zero to mean that a token is good for once', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const waiting = reuse(script.source, { now: clock.now })()
    const once = script.token('once', 0)
    clock.advance(1000)
    script.resolve(once)
    expect((await waiting).value).toBe('once')
  })
})
