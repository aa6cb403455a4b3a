import type { CredentialSummary, UsedCredential } from '@countersign/server'
import { alignedTable } from '../text/aligned-table.ts'
import { isoTime, isoTimeOrNull, relativeTime } from '../text/time-in-words.ts'

/** Credentials as a table. */
export function credentialTable(credentials: readonly UsedCredential[], now: number): string {
  const rows = credentials.map((one) => [
    one.clientId,
    one.credentialId,
    one.kind.replaceAll('_', ' '),
    one.label,
    credentialState(one, now),
    one.lastUsedAt === null ? 'never' : relativeTime(one.lastUsedAt, now),
    one.safeToRetire ? 'yes' : 'no',
  ])
  const headings = ['CLIENT', 'CREDENTIAL', 'KIND', 'LABEL', 'STATE', 'LAST USED', 'SAFE TO RETIRE']
  return alignedTable(headings, rows)
}

/** A credential as `--json` gives it. */
export function credentialJson(one: UsedCredential): object {
  return {
    credential_id: one.credentialId,
    client_id: one.clientId,
    kind: one.kind,
    label: one.label,
    state: one.state,
    created_at: isoTime(one.createdAt),
    expires_at: isoTimeOrNull(one.expiresAt),
    last_used_at: isoTimeOrNull(one.lastUsedAt),
    tokens: one.tokens,
    safe_to_retire: one.safeToRetire,
  }
}

/** Whether a credential is taken, in words. */
export function credentialState({ state, expiresAt }: CredentialSummary, now: number): string {
  if (state === 'disabled') return 'disabled'
  if (expiresAt === null) return 'active'
  return expiresAt > now
    ? `active, expires ${relativeTime(expiresAt, now)}`
    : `expired ${relativeTime(expiresAt, now)}`
}
