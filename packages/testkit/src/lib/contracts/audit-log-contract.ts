import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditEntry, AuditLog } from '@countersign/server'

/** How the suite gets at the log under test. */
export interface AuditLogContractOptions {
  /** A log with nothing in it. Called for each test. */
  readonly makeLog: () => AuditLog | Promise<AuditLog>
  /** Called after each test, once the log is closed. */
  readonly cleanUp?: () => void | Promise<void>
}

/**
 * The suite that every `AuditLog` must pass. Call it at the top of a Vitest file.
 *
 * `name` is how the implementation is called in the report.
 */
export function auditLogContract(name: string, options: AuditLogContractOptions): void {
  describe(`${name}, as an AuditLog`, () => {
    let log: AuditLog

    beforeEach(async () => {
      log = await options.makeLog()
    })
    afterEach(async () => {
      await log.close()
      await options.cleanUp?.()
    })

    it('starts with nothing, and takes an empty batch', async () => {
      await log.append([])
      expect(await log.find({ limit: 10 })).toEqual([])
    })

    it('gives entries back as they were written, newest first', async () => {
      const entries = [entry({ at: 1000 }), entry({ at: 3000 }), entry({ at: 2000 })]
      await log.append(entries)
      expect(await log.find({ limit: 10 })).toEqual([entries[1], entries[2], entries[0]])
    })

    it('gives at most so many, the newest', async () => {
      await log.append(Array.from({ length: 50 }, (_, index) => entry({ at: 1000 + index })))
      const found = await log.find({ limit: 3 })
      expect(found.map(({ at }) => at)).toEqual([1049, 1048, 1047])
    })

    it('finds by correlation, client and type, and by all of them together', async () => {
      const wanted = entry({ at: 5, correlationId: 'r1', clientId: 'a', type: 'token.refused' })
      await log.append([
        wanted,
        entry({ at: 4, correlationId: 'r2', clientId: 'a', type: 'token.refused' }),
        entry({ at: 3, correlationId: 'r1', clientId: 'b', type: 'token.refused' }),
        entry({ at: 2, correlationId: 'r1', clientId: 'a', type: 'client.disabled' }),
        entry({ at: 1, type: 'server.started', correlationId: null, clientId: null }),
      ])
      const times = async (query: Parameters<AuditLog['find']>[0]): Promise<readonly number[]> =>
        (await log.find(query)).map(({ at }) => at)
      expect(await times({ correlationId: 'r1', limit: 10 })).toEqual([5, 3, 2])
      expect(await times({ clientId: 'a', limit: 10 })).toEqual([5, 4, 2])
      expect(await times({ type: 'token.refused', limit: 10 })).toEqual([5, 4, 3])
      const whole = { correlationId: 'r1', clientId: 'a', type: 'token.refused', limit: 10 }
      expect(await log.find(whole)).toEqual([wanted])
    })

    it('keeps a batch of 2,000 whole, and batches that come at once', async () => {
      const batch = (from: number, count: number): AuditEntry[] =>
        Array.from({ length: count }, (_, index) => entry({ at: from + index }))
      await Promise.all([log.append(batch(0, 2000)), log.append(batch(10_000, 100))])
      expect(await log.find({ limit: 5000 })).toHaveLength(2100)
    })

    it('forgets what is older than an instant, and nothing else', async () => {
      await log.append([entry({ at: 1999 }), entry({ at: 2000 }), entry({ at: 2001 })])
      await log.forgetBefore(2000)
      expect((await log.find({ limit: 10 })).map(({ at }) => at)).toEqual([2001, 2000])
    })

    it('rejects once it is closed, and closes twice without complaint', async () => {
      await log.close()
      await log.close()
      await expect(log.append([entry({})])).rejects.toThrow(Error)
      await expect(log.find({ limit: 1 })).rejects.toThrow(Error)
    })
  })
}

function entry(members: Partial<AuditEntry>): AuditEntry {
  return {
    at: 1_900_000_000_123,
    type: 'token.refused',
    correlationId: 'corr-1',
    clientId: 'billing',
    detail: { reason: 'secret_wrong', text: 'it\'s "ünïcode"', deep: { list: [1, null] } },
    ...members,
  }
}
