import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../stores/audit-log.ts'
import { auditTrail, type AuditTrail } from './audit-trail.ts'

function trailOver(log: { failing: boolean; readonly entries: AuditEntry[] }) {
  const failures: { readonly kept: number; readonly dropped: number }[] = []
  const trail = auditTrail({
    log: {
      async append(entries) {
        if (log.failing) throw new Error('the disk is on fire')
        log.entries.push(...entries)
      },
      find: async () => [],
      forgetBefore: async () => {},
      close: async () => {},
    },
    now: () => 1000,
    onFailure: ({ kept, dropped }) => failures.push({ kept, dropped }),
  })
  return { trail, failures }
}

function revoke(trail: AuditTrail, count: number): void {
  for (let i = 0; i < count; i++) {
    // Few enough of each client to be written one by one.
    const about = { clientId: `c${i % 250}`, credentialId: 'one', jti: String(i) }
    trail.record({ type: 'token.revoked', at: 1000, ...about })
  }
}

describe('auditTrail', () => {
  it('keeps 10,000 entries while the log fails, counts the others, and says so when it can', async () => {
    const log = { failing: true, entries: [] as AuditEntry[] }
    const { trail, failures } = trailOver(log)
    revoke(trail, 10_250)
    expect([trail.waiting, trail.dropped]).toEqual([10_000, 250])
    expect(await trail.flush()).toBe(false)
    // The first look may have come before any was lost; the next one tells of all of them.
    expect(await trail.flush()).toBe(false)
    expect(failures.at(-1)).toEqual({ kept: 10_000, dropped: 250 })
    log.failing = false
    await trail.close()
    expect(log.entries).toHaveLength(10_001)
    expect(log.entries.map(({ detail }) => detail['jti']).slice(0, 10_000)).toEqual(
      Array.from({ length: 10_000 }, (_, index) => String(index)),
    )
    expect(log.entries.at(-1)).toMatchObject({ type: 'audit.dropped', detail: { dropped: 250 } })
    expect([trail.waiting, trail.dropped]).toEqual([0, 250])
  })

  it('writes a full batch at once, and loses none of several writers', async () => {
    const log = { failing: false, entries: [] as AuditEntry[] }
    const { trail } = trailOver(log)
    revoke(trail, 200)
    await new Promise((resolve) => setImmediate(resolve))
    expect(log.entries).toHaveLength(200)
    revoke(trail, 450)
    await Promise.all([trail.flush(), trail.flush(), trail.close()])
    expect(log.entries).toHaveLength(650)
  })

  it('sums refusals up by reason and client, and never more than 1,000 a minute one by one', async () => {
    const log = { failing: false, entries: [] as AuditEntry[] }
    const { trail } = trailOver(log)
    for (let client = 0; client < 200; client++) {
      for (let i = 0; i < 12; i++) {
        trail.record({
          type: 'token.refused',
          at: 1000,
          reason: 'secret_wrong',
          error: 'invalid_client',
          status: 401,
          clientId: `c${client}`,
          credentialId: undefined,
          correlationId: `${client}-${i}`,
          detail: {},
        })
      }
    }
    await trail.close()
    const single = log.entries.filter(({ correlationId }) => correlationId !== null)
    expect(single).toHaveLength(1000)
    expect(trail.suppressed).toBe(1400)
    const sums = log.entries.filter(({ correlationId }) => correlationId === null)
    expect(sums).toHaveLength(200)
    expect(sums.reduce((sum, { detail }) => sum + Number(detail['suppressed']), 0)).toBe(1400)
  })

  it('sums the revocations of a client up beyond 100 a minute, and goes on with those of others', async () => {
    const log = { failing: false, entries: [] as AuditEntry[] }
    const { trail } = trailOver(log)
    for (let i = 0; i < 350; i++) {
      const clientId = i % 7 === 0 ? 'calm' : 'looping'
      trail.record({ type: 'token.revoked', at: 1000, clientId, credentialId: 'one', jti: `${i}` })
    }
    await trail.close()
    const of = (clientId: string) => log.entries.filter((entry) => entry.clientId === clientId)
    expect(of('calm')).toHaveLength(50)
    expect(of('looping')).toHaveLength(101)
    expect(of('looping').at(-1)).toMatchObject({
      type: 'token.revoked',
      correlationId: null,
      detail: { suppressed: 200 },
    })
    expect(trail.suppressed).toBe(200)
  })

  it('takes a log that never answers for one that failed, and does not hold up the end', async () => {
    const { promise: never } = Promise.withResolvers<void>()
    const failures: number[] = []
    const trail = auditTrail({
      log: {
        append: () => never,
        find: async () => [],
        forgetBefore: async () => {},
        close: async () => {},
      },
      now: () => 1000,
      onFailure: ({ kept }) => failures.push(kept),
      deadline: 5,
    })
    revoke(trail, 1)
    expect(await trail.flush()).toBe(false)
    await trail.close()
    expect(failures).toEqual([1, 1])
    expect(trail.waiting).toBe(1)
  })
})
