import type { AuditEntry, AuditLog } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** How many entries are kept: the newest. */
const KEPT = 10_000

/** What happened, in memory: the newest 10,000 entries. */
export function memoryAuditLog({ assertOpen, close }: OpenState): AuditLog {
  let entries: AuditEntry[] = []
  return {
    async append(added) {
      assertOpen()
      entries.push(...added)
      if (entries.length > 2 * KEPT) entries = entries.slice(-KEPT)
    },
    async find({ correlationId, clientId, type, limit }) {
      assertOpen()
      return entries
        .slice(-KEPT)
        .filter(
          (entry) =>
            (correlationId === undefined || entry.correlationId === correlationId) &&
            (clientId === undefined || entry.clientId === clientId) &&
            (type === undefined || entry.type === type),
        )
        .toSorted((left, right) => right.at - left.at)
        .slice(0, limit)
    },
    async forgetBefore(at) {
      assertOpen()
      entries = entries.filter((entry) => entry.at >= at)
    },
    async close() {
      close()
      entries = []
    },
  }
}
