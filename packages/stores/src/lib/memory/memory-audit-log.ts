import type { AuditEntry, AuditLog } from '@countersign/server'
import type { OpenState } from './open-state.ts'

/** How many entries are kept: the newest. */
const KEPT = 10_000

/** An audit log in memory, and the way to write it in the same turn as something else. */
export interface MemoryAuditLog {
  readonly log: AuditLog
  /** As `append`, at once: throws, and writes nothing, where an entry cannot be kept. */
  write(added: readonly AuditEntry[]): void
}

/** What happened, in memory: the newest 10,000 entries, copied on their way in. */
export function memoryAuditLog({ assertOpen, close }: OpenState): MemoryAuditLog {
  let entries: AuditEntry[] = []

  function write(added: readonly AuditEntry[]): void {
    assertOpen()
    entries.push(...structuredClone(added))
    if (entries.length > 2 * KEPT) entries = entries.slice(-KEPT)
  }

  const log: AuditLog = {
    async append(added) {
      write(added)
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
  return { log, write }
}
