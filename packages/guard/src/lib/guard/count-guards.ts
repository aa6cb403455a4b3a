const WINDOW = 60_000
/** Guards for one issuer within a minute that no API needs. */
const TOO_MANY = 100
/** Issuers that are counted for; the one that had a guard longest ago goes first. */
const MAX_COUNTED = 100

const counts = new Map<string, { guards: number; readonly since: number }>()

/**
 * Counts the guards that this process makes for the same issuers, and tells once a minute where they are
 * too many: a guard that is made for each request loads keys for each request.
 *
 * `issuers` names them; `at` in epoch milliseconds.
 */
export function countGuards(
  issuers: string,
  at: number,
  tell: (event: { readonly type: 'rebuilt'; readonly guards: number }) => void,
): void {
  const before = counts.get(issuers)
  const age = before === undefined ? -1 : at - before.since
  const counted =
    before !== undefined && age >= 0 && age < WINDOW ? before : { guards: 0, since: at }
  counted.guards++
  counts.delete(issuers)
  counts.set(issuers, counted)
  if (counted.guards === TOO_MANY) tell({ type: 'rebuilt', guards: TOO_MANY })
  if (counts.size <= MAX_COUNTED) return
  for (const oldest of counts.keys()) {
    counts.delete(oldest)
    return
  }
}
