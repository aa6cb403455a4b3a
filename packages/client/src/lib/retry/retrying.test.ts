import { describe, expect, it } from 'vitest'
import { AccessToken } from '../access-token.ts'
import { RefusalError, TransportError } from '../errors/token-error.ts'
import { retrying } from './retrying.ts'

const token = new AccessToken({ value: 'a', obtainedAt: 0 })
const outage = (retryAfter?: number) =>
  new TransportError('ERR_NETWORK', 'down', { phase: 'token', retryAfter })

/** A source that fails so many times, and the waits between its tries. */
function failing(times: number, failure: () => Error) {
  const waits: number[] = []
  let asked = 0
  const source = retrying(
    async () => {
      if (++asked <= times) throw failure()
      return token
    },
    { random: () => 1, sleep: async (wait) => void waits.push(wait) },
  )
  return { source, waits, asked: () => asked }
}

describe('retrying', () => {
  it('asks again after failures that may pass, waiting longer each time', async () => {
    const { source, waits, asked } = failing(2, outage)
    expect(await source()).toBe(token)
    expect(asked()).toBe(3)
    expect(waits).toEqual([200, 400])
  })

  it('gives up after its attempts, with the last failure', async () => {
    const { source, asked } = failing(9, outage)
    await expect(source()).rejects.toMatchObject({ code: 'ERR_NETWORK' })
    expect(asked()).toBe(3)
  })

  it('does not repeat what was refused for good, nor what is no error of ours', async () => {
    const refused = failing(9, () => new RefusalError('ERR_REFUSED', 'no', { phase: 'token' }))
    await expect(refused.source()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(refused.asked()).toBe(1)
    const bug = failing(9, () => new TypeError('bug'))
    await expect(bug.source()).rejects.toThrow('bug')
    expect(bug.asked()).toBe(1)
  })

  it('waits as long as the server asks, and not at all where that is too long', async () => {
    const patient = failing(1, () => outage(3000))
    await patient.source()
    expect(patient.waits).toEqual([3000])
    const hurried = failing(1, () => outage(60_000))
    await expect(hurried.source()).rejects.toMatchObject({ retryAfter: 60_000 })
    expect(hurried.asked()).toBe(1)
  })

  it('tries once in the background: who keeps the token comes back by itself', async () => {
    const { source, asked } = failing(9, outage)
    await expect(source({ background: true })).rejects.toMatchObject({ code: 'ERR_NETWORK' })
    expect(asked()).toBe(1)
  })

  it('ends with the failure, not with the deadline, when time is up between two tries', async () => {
    const source = retrying(() => Promise.reject(outage()), {
      firstWait: 60_000,
      longestWait: 60_000,
    })
    await expect(source({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: 'ERR_NETWORK',
    })
  })

  it('leaves no timer behind when its caller leaves between two tries', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const leaving = new AbortController()
    let failed: (() => void) | undefined
    const first = new Promise<void>((resolve) => (failed = resolve))
    const asking = retrying(
      () => {
        failed?.()
        return Promise.reject(outage(50_000))
      },
      { longestWait: 60_000 },
    )({ signal: leaving.signal })
    await first
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(timers()).toBe(before + 1)
    leaving.abort()
    await expect(asking).rejects.toMatchObject({ code: 'ERR_NETWORK' })
    expect(timers()).toBe(before)
  })

  it('draws its waits, so that a fleet does not come back together', async () => {
    const waits: number[] = []
    for (let i = 0; i < 200; i++) {
      let asked = 0
      await retrying(
        async () => {
          if (++asked === 1) throw outage()
          return token
        },
        { sleep: async (wait) => void waits.push(wait) },
      )()
    }
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(150)
    expect(Math.max(...waits)).toBeLessThanOrEqual(200)
  })

  it.each([
    [undefined, {}, 'source'],
    [async () => token, { attempts: 0 }, 'attempts'],
    [async () => token, { retries: 3 }, "unknown option 'retries'"],
  ])('refuses wrong arguments at once (%#)', (source, options, named) => {
    expect(() => retrying(source as never, options as never)).toThrow(named)
  })
})
