import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { scripted } from '../../../test/scripted-source.ts'
import { AccessToken } from '../access-token.ts'
import type { ClientEvent } from '../events.ts'
import { reuse } from './reuse.ts'

describe('reuse, when an API refuses its token', () => {
  it('renews once for 1,000 callers whose token was refused', async () => {
    const clock = handClock()
    const script = scripted(clock)
    const source = reuse(script.source, { now: clock.now })
    const first = source()
    script.answer('a')
    const rejected = await first
    const callers = Array.from({ length: 1000 }, () => source({ rejected }))
    expect(script.asked).toHaveLength(2)
    expect(script.asked[1]?.rejected).toBe(rejected)
    script.answer('b')
    const tokens = await Promise.all(callers)
    expect(new Set(tokens.map((token) => token.value))).toEqual(new Set(['b']))
    // A latecomer that names the token refused long ago gets the new one, and no request is made.
    expect((await source({ rejected })).value).toBe('b')
    expect(script.asked).toHaveLength(2)
  })

  it('pauses when renewed tokens are refused again and again, says so, and tries again later', async () => {
    const clock = handClock()
    const events: ClientEvent[] = []
    let requests = 0
    const source = reuse(
      async () =>
        new AccessToken({
          value: `token-${++requests}`,
          obtainedAt: clock.now(),
          expiresAt: clock.now() + 3_600_000,
        }),
      { now: clock.now, onEvent: (event) => events.push(event) },
    )
    for (let call = 0; call < 50; call++) await source({ rejected: await source() })
    expect(requests).toBe(4)
    expect(events.filter((event) => event.type === 'renewal.paused')).toHaveLength(1)
    clock.advance(30_001)
    for (let call = 0; call < 50; call++) await source({ rejected: await source() })
    expect(requests).toBeLessThanOrEqual(6)
    expect(requests).toBeGreaterThan(4)
  })

  it('does not let a pause last when the clock is set back', async () => {
    const clock = handClock()
    let requests = 0
    const source = reuse(
      async () => new AccessToken({ value: `token-${++requests}`, obtainedAt: clock.now() }),
      { now: clock.now },
    )
    for (let call = 0; call < 10; call++) await source({ rejected: await source() })
    expect(requests).toBe(4)
    clock.advance(-3_600_000)
    await source({ rejected: await source() })
    expect(requests).toBe(5)
  })

  it('does not pause for tokens that served a while before they were refused', async () => {
    const clock = handClock()
    let requests = 0
    const source = reuse(
      async () =>
        new AccessToken({
          value: `token-${++requests}`,
          obtainedAt: clock.now(),
          expiresAt: clock.now() + 3_600_000,
        }),
      { now: clock.now },
    )
    for (let day = 0; day < 20; day++) {
      const rejected = await source()
      clock.advance(60_000)
      expect((await source({ rejected })).value).not.toBe(rejected.value)
    }
    expect(requests).toBe(21)
  })
})
