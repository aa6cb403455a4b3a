import type { RevocationRecord } from './records.ts'
import { markKey } from './registry-store.ts'

/** Revocation marks in memory, those of one client's tokens counted. */
export interface RevocationMarks {
  /** By target and identifier, a blank between them. */
  readonly byKey: ReadonlyMap<string, RevocationRecord>
  /** Takes a mark in, and lets those go that it covers. */
  put(record: RevocationRecord): void
  /** Forgets marks that ended before `at`. */
  forgetEnded(at: number): void
  /** How many marks on single tokens of a client are held that the client made itself. */
  countOf(clientId: string): number
}

/**
 * Marks with nothing among them.
 *
 * A mark on a token goes, or is not taken in, where a mark on its client covers it: in whatever order they
 * come, and on every node alike, so that no node holds what another one has merged.
 */
export function revocationMarks(): RevocationMarks {
  const byKey = new Map<string, RevocationRecord>()
  const counts = new Map<string, number>()

  function count(clientId: string, by: 1 | -1): void {
    const after = (counts.get(clientId) ?? 0) + by
    if (after === 0) counts.delete(clientId)
    else counts.set(clientId, after)
  }

  function drop(key: string): void {
    const known = byKey.get(key)
    if (!byKey.delete(key)) return
    if (known?.clientId !== undefined) count(known.clientId, -1)
  }

  return {
    byKey,
    put(record) {
      const { target, id, clientId } = record
      const key = markKey(target, id)
      drop(key)
      if (clientId !== undefined) {
        const ofClient = byKey.get(markKey('client', clientId))
        if (ofClient !== undefined && isCovered(record, ofClient)) return
        count(clientId, 1)
      }
      byKey.set(key, record)
      if (target !== 'client' || !counts.has(id)) return
      for (const [other, mark] of byKey) {
        if (mark.clientId === id && isCovered(mark, record)) drop(other)
      }
    },
    forgetEnded(at) {
      for (const [key, { expiresAt }] of byKey) if (expiresAt < at) drop(key)
    },
    countOf: (clientId) => counts.get(clientId) ?? 0,
  }
}

/** Whether a mark on a client ends everything that a mark on a token of it ends, and for as long. */
export function isCovered(mark: RevocationRecord, ofClient: RevocationRecord): boolean {
  return mark.notAfter <= ofClient.notAfter && mark.expiresAt <= ofClient.expiresAt
}
