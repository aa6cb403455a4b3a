import { describe, expect, it, vi } from 'vitest'
import { handClock, memoryStore } from '@countersign/testkit'
import type { ServerEvent } from '../events.ts'
import { housekeeping } from './housekeeping.ts'
import type { ServerStore } from './server-store.ts'

const MINUTE = 60_000
const DAY = 86_400_000

function keep(
  store: ServerStore,
  clock: { readonly now: () => number },
  options: { readonly interval?: number; readonly callDeadline?: number } = {},
) {
  const events: ServerEvent[] = []
  const marks: number[] = []
  const chores = housekeeping({
    store,
    forgetMarks: (at) => marks.push(at),
    auditRetention: 90 * DAY,
    now: clock.now,
    emit: (event) => events.push(event),
    ...options,
  })
  return { chores, events, marks }
}

describe('housekeeping', () => {
  it('forgets what ended more than five minutes ago, and audit entries over their age', async () => {
    const clock = handClock()
    const store = memoryStore()
    const at = clock.now()
    const expiresAt = at + MINUTE
    const revocation = {
      target: 'token',
      id: 'jti-1',
      notAfter: at,
      createdAt: at,
      expiresAt,
    } as const
    await store.registry.apply([{ kind: 'revocation', record: revocation, require: 'none' }])
    await store.replay.reserve('used', expiresAt)
    await store.opaqueTokens.put({ digest: 'd', claims: {}, expiresAt })
    const entry = { type: 'x', correlationId: null, clientId: null, detail: {} }
    await store.audit.append([
      { ...entry, at: at - 90 * DAY + 7 * MINUTE },
      { ...entry, at: at - 90 * DAY },
    ])
    const { chores, events, marks } = keep(store, clock)

    // Ended by this clock, perhaps not by another server's.
    clock.advance(5 * MINUTE)
    await chores.round()
    expect((await store.registry.changesSince(0)).records).toHaveLength(1)
    expect(await store.replay.reserve('used', expiresAt)).toBe(false)
    expect(await store.opaqueTokens.get('d')).toBeDefined()
    expect(await store.audit.find({ limit: 9 })).toHaveLength(1)

    clock.advance(MINUTE + 1)
    await chores.round()
    expect((await store.registry.changesSince(0)).records).toEqual([])
    expect(await store.replay.reserve('used', expiresAt)).toBe(true)
    expect(await store.opaqueTokens.get('d')).toBeUndefined()
    expect(await store.audit.find({ limit: 9 })).toHaveLength(1)
    expect(marks).toEqual([at, at + MINUTE + 1])
    expect(events).toEqual([])
  })

  it('does the rest where one part fails or hangs, says so, and comes again', async () => {
    const store = memoryStore()
    let rounds = 0
    const broken: ServerStore = {
      ...store,
      registry: { ...store.registry, forgetRevocations: () => new Promise(() => {}) },
      replay: {
        ...store.replay,
        forgetExpired: async () => {
          throw new Error('down')
        },
      },
      audit: {
        ...store.audit,
        forgetBefore: async (at) => {
          rounds++
          await store.audit.forgetBefore(at)
        },
      },
    }
    const { chores, events } = keep(broken, handClock(), { interval: 5, callDeadline: 10 })
    chores.start()
    chores.start()
    await vi.waitFor(() => expect(rounds).toBeGreaterThanOrEqual(2))
    chores.stop()
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'housekeeping.failed', part: 'registry', error: { code: 'ERR_STORE' } },
      { type: 'housekeeping.failed', part: 'replay', error: { message: 'down' } },
    ])
  })
})
