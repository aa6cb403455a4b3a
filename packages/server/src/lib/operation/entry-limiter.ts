import type { AuditEntry } from '../stores/audit-log.ts'

/** The window that entries are counted over, in milliseconds. */
const WINDOW = 60_000
/** Entries of one kind, reason and client that are written one by one in a window. */
const PER_KEY = 10
/** Refusals and failures that are written one by one in a window, whatever they are about. */
const PER_WINDOW = 1000
/** Tokens that a client revoked which are written one by one in a window. */
const REVOKED_PER_CLIENT = 100

/** Keeps a flood of refusals or revocations from filling the disk. */
export interface EntryLimiter {
  /** Passes an entry on, or counts it. */
  take(entry: AuditEntry): void
  /** Ends the window where its time is over, and passes on what was counted in it. */
  roll(now: number): void
  /** Whether a sum is waiting for the end of its window. */
  readonly holding: boolean
  /** Entries that were counted and not passed on, since the start. */
  readonly suppressed: number
}

/**
 * Passes the first entries of each kind, reason and client on, and sums the rest of a minute up in one.
 *
 * Refusals and failures are limited, since anybody can cause them, and revocations, since a client can
 * cause as many as it likes. Their keys are reasons of the catalogue and registered clients, so the sums
 * are bounded too.
 */
export function entryLimiter(pass: (entry: AuditEntry) => void): EntryLimiter {
  let endsAt: number | undefined
  let passed = 0
  let holding = false
  let suppressed = 0
  let keys = new Map<string, { count: number; held: number; readonly sample: AuditEntry }>()

  function roll(now: number): void {
    // A clock that was set back would leave the window open until it comes again.
    const isOpen = endsAt !== undefined && now < endsAt && now >= endsAt - WINDOW
    if (endsAt === undefined || isOpen) return
    const ended = keys
    keys = new Map()
    passed = 0
    holding = false
    endsAt = undefined
    for (const { held, sample } of ended.values()) {
      if (held === 0) continue
      const { reason } = sample.detail
      const detail = { ...(reason !== undefined && { reason }), suppressed: held }
      pass({ ...sample, correlationId: null, detail })
    }
  }

  return {
    take(entry) {
      const { type, clientId, at, detail } = entry
      const isRevocation = type === 'token.revoked'
      if (!isRevocation && !/\.(?:refused|failed)$/.test(type)) {
        pass(entry)
        return
      }
      roll(at)
      endsAt ??= at + WINDOW
      const key = JSON.stringify([type, clientId, detail['reason']])
      const known = keys.get(key) ?? { count: 0, held: 0, sample: entry }
      keys.set(key, known)
      known.count++
      if (
        isRevocation
          ? known.count <= REVOKED_PER_CLIENT
          : known.count <= PER_KEY && passed < PER_WINDOW
      ) {
        if (!isRevocation) passed++
        pass(entry)
        return
      }
      known.held++
      holding = true
      suppressed++
    },
    roll,
    get holding() {
      return holding
    },
    get suppressed() {
      return suppressed
    },
  }
}
