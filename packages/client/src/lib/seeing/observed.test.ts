import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import type { ClientEvent } from '../events.ts'
import { reuse } from '../reuse/reuse.ts'
import type { TokenRequest } from '../token-source.ts'
import { observed } from './observed.ts'

function watched() {
  const clock = handClock()
  const events: ClientEvent[] = []
  let made = 0
  const source = observed(
    async () => {
      const obtainedAt = clock.now()
      return new AccessToken({
        value: `at-${++made}`,
        obtainedAt,
        expiresAt: obtainedAt + 3_600_000,
      })
    },
    { onEvent: (event) => events.push(event) },
  )
  const causes = () => events.map((event) => 'cause' in event && event.cause)
  return { clock, source, causes }
}

describe('observed', () => {
  it('tells a cold request, one ahead of need, one after the end and one after a refusal apart', async () => {
    const { clock, source, causes } = watched()
    const kept = reuse(source, { now: clock.now, monotonic: clock.now, random: () => 0 })
    await kept()
    await kept()
    clock.advance(3_000_000)
    await kept()
    await new Promise(setImmediate)
    clock.advance(7_200_000)
    const token = await kept()
    await kept({ rejected: token })
    expect(causes()).toEqual(['cold', 'ahead', 'expired', 'refused'])
  })

  it('knows the past of each token of a client by itself', async () => {
    const { source, causes } = watched()
    const asked: TokenRequest[] = [{}, { scope: 'a b' }, { scope: ['b', 'a'] }, { partition: 't' }]
    for (const request of asked) await source(request)
    expect(causes()).toEqual(['cold', 'cold', 'expired', 'cold'])
  })

  it('leaves the complaint about a wrong request to the source', async () => {
    const { source, causes } = watched()
    await source({ scope: [''] })
    expect(causes()).toEqual(['cold'])
  })

  it('goes on when its listener throws, and hands on what the source throws', async () => {
    const failure = new Error('no')
    const source = observed(() => Promise.reject(failure), {
      onEvent() {
        throw new Error('the listener')
      },
    })
    await expect(source()).rejects.toBe(failure)
  })

  it('refuses wrong arguments at once', () => {
    expect(() => observed(1 as never, { onEvent() {} })).toThrow("observed: 'source'")
    expect(() => observed(async () => ({}) as never, { onevent() {} } as never)).toThrow(
      "did you mean 'onEvent'",
    )
    expect(() => observed(async () => ({}) as never, {} as never)).toThrow("'onEvent' is required")
  })
})
