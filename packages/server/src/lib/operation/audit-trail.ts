import type { ServerEvent, StoreFailed } from '../events.ts'
import type { AuditEntry, AuditLog } from '../stores/audit-log.ts'
import { STORE_DEADLINE, within } from '../stores/within.ts'
import { auditEntry } from './audit-entry.ts'
import { entryLimiter } from './entry-limiter.ts'
import { repeating } from './repeating.ts'

/** How long an entry waits for the batch it is written in, in milliseconds. */
const INTERVAL = 1000
/** A batch that is full is written at once. Entries. */
const BATCH = 200
/** Entries kept while the log cannot be written; later ones are dropped, and counted. */
const CAPACITY = 10_000

/** Writes events to the audit log, behind the answers. */
export interface AuditTrail {
  /** Takes an event. Never waits and never throws. */
  record(event: ServerEvent): void
  /** Writes what is waiting. Gives false where the log failed and entries are still waiting. */
  flush(): Promise<boolean>
  /** Writes what is waiting and plans no more. */
  close(): Promise<void>
  /** Entries that are waiting. */
  readonly waiting: number
  /** Entries lost since the start because the log could not be written for too long. */
  readonly dropped: number
  /** Refusals and revocations since the start that were counted and not written one by one. */
  readonly suppressed: number
}

/**
 * An audit trail over a log.
 *
 * A crash loses at most what came in the last second and while the write under way took, and the sums that
 * are held back, for a minute at most. A log
 * that fails is tried again every second with the same entries, up to 10,000 of them. One that takes
 * longer than `deadline` milliseconds has failed; what it wrote all the same is then there twice.
 */
export function auditTrail({
  log,
  now,
  onFailure,
  deadline = STORE_DEADLINE,
}: {
  readonly log: AuditLog
  readonly now: () => number
  readonly onFailure: (failure: Pick<StoreFailed, 'error' | 'kept' | 'dropped'>) => void
  readonly deadline?: number
}): AuditTrail {
  let waiting: AuditEntry[] = []
  let dropped = 0
  let untold = 0
  let writing: Promise<boolean> | undefined
  const limiter = entryLimiter(add)
  const timer = repeating(INTERVAL, async () => {
    await flush()
  })

  function add(entry: AuditEntry): void {
    if (waiting.length >= CAPACITY) {
      dropped++
      untold++
      return
    }
    waiting.push(entry)
    if (waiting.length % BATCH === 0) void flush()
    else timer.soon()
  }

  async function flush(): Promise<boolean> {
    limiter.roll(now())
    // What is held back is told at the end of its minute, whether or not anything else happens.
    if (limiter.holding) timer.soon()
    // One batch after the other: entries keep their order, and a slow log is not asked twice at once.
    writing ??= write().finally(() => (writing = undefined))
    return writing
  }

  async function write(): Promise<boolean> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      try {
        await within(log.append(batch), deadline, 'the audit log')
      } catch (error) {
        onFailure({ error, kept: waiting.length, dropped: untold })
        timer.soon()
        return false
      }
      waiting = waiting.slice(batch.length)
      if (untold === 0) continue
      const detail = { dropped: untold }
      untold = 0
      waiting.push({
        at: now(),
        type: 'audit.dropped',
        correlationId: null,
        clientId: null,
        detail,
      })
    }
    return true
  }

  return {
    record(event) {
      const entry = auditEntry(event)
      if (entry === undefined) return
      limiter.take(entry)
      if (limiter.holding) timer.soon()
    },
    flush,
    async close() {
      timer.stop()
      limiter.roll(Infinity)
      await writing
      await flush()
      timer.stop()
    },
    get waiting() {
      return waiting.length
    },
    get dropped() {
      return dropped
    },
    get suppressed() {
      return limiter.suppressed
    },
  }
}
