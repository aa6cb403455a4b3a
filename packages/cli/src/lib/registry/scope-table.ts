import type { GrantedScope } from '@countersign/server'
import { alignedTable } from '../text/aligned-table.ts'
import { isoTimeOrNull, relativeTime } from '../text/time-in-words.ts'

/** Granted scopes as a table. */
export function scopeTable(scopes: readonly GrantedScope[], now: number): string {
  const rows = scopes.map((one) => [
    one.clientId,
    one.resource,
    one.scope,
    one.toldSince === null ? '-' : String(one.calls),
    lastUse(one, now),
    one.toldSince === null ? 'never' : relativeTime(one.toldSince, now),
  ])
  return alignedTable(['CLIENT', 'RESOURCE', 'SCOPE', 'CALLS', 'LAST USED', 'TOLD SINCE'], rows)
}

/** "Never" is a word about the scope only where its API tells of uses at all. */
function lastUse({ lastUsedAt, toldSince }: GrantedScope, now: number): string {
  if (lastUsedAt !== null) return relativeTime(lastUsedAt, now)
  return toldSince === null ? 'unknown' : 'never'
}

/** A granted scope as `--json` gives it. */
export function scopeJson(one: GrantedScope): object {
  return {
    client_id: one.clientId,
    resource: one.resource,
    scope: one.scope,
    calls: one.calls,
    last_used_at: isoTimeOrNull(one.lastUsedAt),
    told_since: isoTimeOrNull(one.toldSince),
  }
}
