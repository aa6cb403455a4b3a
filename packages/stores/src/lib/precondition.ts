import type { Precondition, RegistryRecord } from '@countersign/server'

/**
 * Whether a record last changed at `changedAt` (a revision; `undefined` where there is none) will do. Of
 * `aloneSince` this is the half that is about the record itself; {@link aloneSince} gives the other.
 */
export function isMet(
  require: Exclude<Precondition, 'first'>,
  changedAt: number | undefined,
): boolean {
  if (require === 'none') return true
  if (require === 'absent') return changedAt === undefined
  if (require === 'present') return changedAt !== undefined
  if ('aloneSince' in require) return changedAt === undefined
  return changedAt !== undefined && changedAt <= require.unchangedSince
}

/** The revision after which no {@link areKin | kin} of a record may have changed, where that is required. */
export function aloneSince(require: Precondition): number | undefined {
  return typeof require === 'object' && 'aloneSince' in require ? require.aloneSince : undefined
}

/** Whether two records are of one kind and of one client. */
export function areKin(one: RegistryRecord, other: RegistryRecord): boolean {
  if (one.kind !== other.kind) return false
  if (!('clientId' in one.record && 'clientId' in other.record)) return false
  return one.record.clientId === other.record.clientId
}
