import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../stores/audit-log.ts'
import { entryLimiter } from './entry-limiter.ts'

const START = 1_800_000_000_000

function refusal(at: number): AuditEntry {
  const detail = { reason: 'secret_wrong' }
  return { at, type: 'token.refused', correlationId: 'x', clientId: 'billing', detail }
}

describe('entryLimiter', () => {
  it('begins anew where the clock was set back, and does not wait for it to come again', () => {
    const passed: AuditEntry[] = []
    const limiter = entryLimiter((entry) => passed.push(entry))
    for (let i = 0; i < 12; i++) limiter.take(refusal(START))
    expect(passed).toHaveLength(10)
    limiter.take(refusal(START - 3_600_000))
    expect(passed.slice(10)).toMatchObject([
      { at: START, correlationId: null, detail: { suppressed: 2 } },
      { at: START - 3_600_000, correlationId: 'x' },
    ])
    expect(limiter.holding).toBe(false)
  })
})
