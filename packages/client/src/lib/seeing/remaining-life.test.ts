import { describe, expect, it } from 'vitest'
import { recordingMeter } from '../../../test/recording-telemetry.ts'
import { AccessToken } from '../access-token.ts'
import { remainingLife } from './remaining-life.ts'

const NOW = 1_000_000

describe('remainingLife', () => {
  it('measures one call of so many, and hands on the very promise of the source', async () => {
    const { meter, measured } = recordingMeter()
    const held = Promise.resolve(
      new AccessToken({ value: 'at', obtainedAt: NOW, expiresAt: NOW + 90_000 }),
    )
    const source = remainingLife(() => held, meter, { every: 10, now: () => NOW })
    for (let call = 0; call < 25; call++) expect(source()).toBe(held)
    await held
    expect(measured).toEqual(
      Array.from({ length: 3 }, () => ['countersign.client.token.remaining_life', 90, {}]),
    )
  })

  it('measures neither tokens without an end nor failures, and hands both on', async () => {
    const { meter, measured } = recordingMeter()
    const endless = new AccessToken({ value: 'at', obtainedAt: NOW })
    expect(await remainingLife(async () => endless, meter)()).toBe(endless)
    const failure = new Error('no')
    await expect(remainingLife(() => Promise.reject(failure), meter)()).rejects.toBe(failure)
    expect(measured).toEqual([])
  })

  it('lets no failure of a meter, and no source that gives nothing, end the process', async () => {
    const { meter } = recordingMeter()
    const record = (): never => {
      throw new Error('no')
    }
    const broken = { ...meter, createHistogram: () => ({ record }) }
    const token = new AccessToken({ value: 'at', obtainedAt: NOW, expiresAt: NOW + 1 })
    expect(await remainingLife(async () => token, broken)()).toBe(token)
    expect(await remainingLife(async () => undefined as never, meter)()).toBeUndefined()
  })

  it('refuses wrong arguments at once', () => {
    const { meter } = recordingMeter()
    const source = async () => new AccessToken({ value: 'at', obtainedAt: NOW })
    expect(() => remainingLife(1 as never, meter)).toThrow("remainingLife: 'source'")
    expect(() => remainingLife(source, 1 as never)).toThrow("remainingLife: 'meter'")
    expect(() => remainingLife(source, meter, { every: 0 })).toThrow("remainingLife: 'every'")
    expect(() => remainingLife(source, meter, { evry: 1 } as never)).toThrow("mean 'every'")
  })
})
