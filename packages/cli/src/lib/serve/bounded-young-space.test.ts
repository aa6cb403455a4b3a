import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inBoundedYoungSpace } from './bounded-young-space.ts'

describe('inBoundedYoungSpace', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('stops the growth once there is enough, and lets it grow again after V8 has given some back', async () => {
    let size = 2_000_000
    const flags: string[] = []
    const { promise: stopped, resolve: stop } = Promise.withResolvers<string>()
    const done = inBoundedYoungSpace(
      () => stopped,
      () => size,
      (flag) => flags.push(flag),
    )
    const look = (next: number): void => {
      size = next
      vi.advanceTimersByTime(250)
    }
    for (const next of [2e6, 8e6, 16e6, 24e6, 2e6, 3e6]) look(next)
    expect(flags).toEqual(['--semi-space-growth-factor=1', '--semi-space-growth-factor=2'])
    stop('done')
    expect(await done).toBe('done')
    look(50e6)
    expect(flags).toHaveLength(2)
  })

  it('leaves the growth as it was, also where the work fails', async () => {
    const flags: string[] = []
    const work = async (): Promise<never> => {
      vi.advanceTimersByTime(250)
      throw new Error('from the work')
    }
    const done = inBoundedYoungSpace(
      work,
      () => 50e6,
      (flag) => flags.push(flag),
    )
    await expect(done).rejects.toThrow('from the work')
    expect(flags).toEqual(['--semi-space-growth-factor=1', '--semi-space-growth-factor=2'])
  })
})
