import type { ClientSummary, CredentialSummary } from '@countersign/server'
import { alignedTable } from '../text/aligned-table.ts'
import { isoTime, relativeTime } from '../text/time-in-words.ts'

/** Clients as a table: a line for each, and one more for each further secret or grant. */
export function clientTable(clients: readonly ClientSummary[], now: number): string {
  const rows = clients.flatMap((client) => {
    const secrets = client.credentials.map((one) => credentialInWords(one, now))
    const grants = client.grants
      .filter(({ scopes }) => scopes.length > 0)
      .map(({ resource, scopes }) => `${resource}: ${scopes.join(' ')}`)
    const lines = Math.max(1, secrets.length, grants.length)
    return Array.from({ length: lines }, (_, line) => [
      ...(line === 0 ? [client.clientId, client.name, client.state] : ['', '', '']),
      secrets[line] ?? '',
      grants[line] ?? (line === 0 ? 'nothing' : ''),
    ])
  })
  return alignedTable(['CLIENT', 'NAME', 'STATE', 'SECRETS', 'MAY'], rows)
}

/** Clients as `--json` gives them. */
export function clientJson(client: ClientSummary): object {
  return {
    client_id: client.clientId,
    name: client.name,
    state: client.state,
    created_at: isoTime(client.createdAt),
    credentials: client.credentials.map((one) => ({
      credential_id: one.credentialId,
      label: one.label,
      state: one.state,
      created_at: isoTime(one.createdAt),
      expires_at: one.expiresAt === null ? null : isoTime(one.expiresAt),
    })),
    grants: client.grants.map(({ resource, scopes }) => ({ resource, scopes })),
  }
}

function credentialInWords({ label, state, expiresAt }: CredentialSummary, now: number): string {
  if (state === 'disabled') return `${label}: disabled`
  if (expiresAt === null) return `${label}: active`
  return expiresAt > now
    ? `${label}: active, expires ${relativeTime(expiresAt, now)}`
    : `${label}: expired ${relativeTime(expiresAt, now)}`
}
