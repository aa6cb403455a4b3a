import type { Precondition } from '@countersign/server'

/** Whether a record last changed at `changedAt` (a revision; `undefined` where there is none) will do. */
export function isMet(
  require: Exclude<Precondition, 'first'>,
  changedAt: number | undefined,
): boolean {
  if (require === 'none') return true
  if (require === 'absent') return changedAt === undefined
  if (changedAt === undefined) return false
  return require === 'present' || changedAt <= require.unchangedSince
}
