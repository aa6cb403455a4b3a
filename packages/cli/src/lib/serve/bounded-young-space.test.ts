import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { boundYoungSpace } from './bounded-young-space.ts'

describe('boundYoungSpace', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('stops the growth once there is enough, and lets it grow again after V8 has given some back', () => {
    let size = 2_000_000
    const flags: string[] = []
    const stop = boundYoungSpace(
      () => size,
      (flag) => flags.push(flag),
    )
    const look = (next: number): void => {
      size = next
      vi.advanceTimersByTime(250)
    }
    for (const next of [2e6, 8e6, 16e6, 24e6, 2e6, 3e6]) look(next)
    expect(flags).toEqual(['--semi-space-growth-factor=1', '--semi-space-growth-factor=2'])
    stop()
    look(50e6)
    expect(flags).toHaveLength(2)
  })
})
