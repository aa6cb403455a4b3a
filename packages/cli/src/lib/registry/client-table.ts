import type { ClientSummary } from '@countersign/server'
import { alignedTable } from '../text/aligned-table.ts'
import { isoTime } from '../text/time-in-words.ts'
import { credentialJson, credentialState } from './credential-table.ts'

/** Clients as a table: a line for each, and one more for each further credential or grant. */
export function clientTable(clients: readonly ClientSummary[], now: number): string {
  const rows = clients.flatMap((client) => {
    const credentials = client.credentials.map(
      (one) => `${one.label}: ${credentialState(one, now)}`,
    )
    const grants = client.grants
      .filter(({ scopes }) => scopes.length > 0)
      .map(({ resource, scopes }) => `${resource}: ${scopes.join(' ')}`)
    const lines = Math.max(1, credentials.length, grants.length)
    return Array.from({ length: lines }, (_, line) => [
      ...(line === 0 ? [client.clientId, client.name, client.state] : ['', '', '']),
      credentials[line] ?? '',
      grants[line] ?? (line === 0 ? 'nothing' : ''),
    ])
  })
  return alignedTable(['CLIENT', 'NAME', 'STATE', 'CREDENTIALS', 'MAY'], rows)
}

/** Clients as `--json` gives them. */
export function clientJson(client: ClientSummary): object {
  return {
    client_id: client.clientId,
    name: client.name,
    state: client.state,
    authentication_methods: client.authenticationMethods,
    created_at: isoTime(client.createdAt),
    credentials: client.credentials.map(credentialJson),
    grants: client.grants.map(({ resource, scopes }) => ({ resource, scopes })),
  }
}
