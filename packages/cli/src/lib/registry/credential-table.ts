import type { CredentialSummary } from '@countersign/server'
import { alignedTable } from '../text/aligned-table.ts'
import { isoTime, relativeTime } from '../text/time-in-words.ts'

/** Credentials as a table. */
export function credentialTable(credentials: readonly CredentialSummary[], now: number): string {
  const rows = credentials.map((one) => [
    one.clientId,
    one.credentialId,
    one.kind.replaceAll('_', ' '),
    one.label,
    credentialState(one, now),
  ])
  return alignedTable(['CLIENT', 'CREDENTIAL', 'KIND', 'LABEL', 'STATE'], rows)
}

/** A credential as `--json` gives it. */
export function credentialJson(one: CredentialSummary): object {
  return {
    credential_id: one.credentialId,
    client_id: one.clientId,
    kind: one.kind,
    label: one.label,
    state: one.state,
    created_at: isoTime(one.createdAt),
    expires_at: one.expiresAt === null ? null : isoTime(one.expiresAt),
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
