import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { RefusalError, TransportError } from '../errors/token-error.ts'
import { latched } from './latched.ts'

function latch(failure: () => Error) {
  const clock = handClock()
  let asked = 0
  let credential = 'one'
  let failing = true
  const source = latched(
    async () => {
      asked++
      if (failing) throw failure()
      return new AccessToken({ value: 'a', obtainedAt: clock.now() })
    },
    { fingerprint: async () => credential, now: clock.now },
  )
  return {
    source,
    clock,
    asked: () => asked,
    use: (next: string) => (credential = next),
    mend: () => (failing = false),
  }
}
const refusal = () => new RefusalError('ERR_REFUSED', 'invalid_client', { phase: 'token' })

describe('latched', () => {
  it('bounds the requests of an hour of invalid_client, however often it is asked', async () => {
    const { source, clock, asked } = latch(refusal)
    for (let second = 0; second < 3600; second++) {
      await expect(source()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
      clock.advance(1000)
    }
    expect(asked()).toBe(120)
  })

  it('lets what is asked for in the background pass, and learns nothing from it', async () => {
    const { source, asked, mend } = latch(refusal)
    await expect(source({ background: true })).rejects.toThrow()
    await expect(source({ background: true })).rejects.toThrow()
    expect(asked()).toBe(2)
    mend()
    expect((await source()).value).toBe('a')
  })

  it('holds nothing back after a refused proof: the next one is another', async () => {
    const { source, asked } = latch(
      () =>
        new RefusalError('ERR_REFUSED', 'x', {
          phase: 'token',
          oauth: { error: 'use_dpop_nonce', description: undefined, uri: undefined },
        }),
    )
    await expect(source()).rejects.toThrow()
    await expect(source()).rejects.toThrow()
    expect(asked()).toBe(2)
  })

  it('opens at once for another credential', async () => {
    const { source, asked, use, mend } = latch(refusal)
    await expect(source()).rejects.toThrow()
    mend()
    await expect(source()).rejects.toThrow()
    expect(asked()).toBe(1)
    use('two')
    expect((await source()).value).toBe('a')
  })

  it('opens by itself after its span, and when the clock is set back', async () => {
    for (const turn of [30_000, -1]) {
      const { source, clock, mend } = latch(refusal)
      await expect(source()).rejects.toThrow()
      mend()
      clock.advance(turn)
      expect((await source()).value).toBe('a')
    }
  })

  it('holds nothing back after a failure that may pass', async () => {
    const { source, asked } = latch(
      () => new TransportError('ERR_NETWORK', 'x', { phase: 'token' }),
    )
    await expect(source()).rejects.toThrow()
    await expect(source()).rejects.toThrow()
    expect(asked()).toBe(2)
  })
})
