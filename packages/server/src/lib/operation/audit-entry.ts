import type { JsonObject } from '@countersign/protocol'
import type { ServerEvent } from '../events.ts'
import type { AuditEntry } from '../stores/audit-log.ts'

/**
 * What the audit log keeps of an event; `undefined` where it keeps nothing.
 *
 * Tokens that were issued and introspected, and reports of usage, are counted, not kept: a row for each
 * would cost more than the thing itself.
 */
export function auditEntry(event: ServerEvent): AuditEntry | undefined {
  const { at, type } = event
  const entry = (
    detail: JsonObject,
    correlationId: string | null = null,
    clientId: string | null = null,
  ): AuditEntry => ({ at, type, correlationId, clientId, detail })

  switch (event.type) {
    case 'token.issued':
    case 'token.introspected':
    case 'usage.reported':
    case 'store.failed':
      return undefined
    case 'token.refused':
    case 'introspection.refused':
    case 'revocation.refused':
    case 'usage.refused': {
      const { reason, error, status, credentialId, detail } = event
      const facts = { reason, error, status, ...(credentialId && { credentialId }) }
      return entry({ ...detail, ...facts }, event.correlationId, event.clientId ?? null)
    }
    case 'token.revoked':
      return entry({ jti: event.jti, credentialId: event.credentialId }, null, event.clientId)
    case 'token_marks.merged':
      return entry({ notAfter: event.notAfter, marks: event.marks }, null, event.clientId)
    case 'request.failed':
      return entry({ error: errorName(event.error) }, event.correlationId)
    case 'snapshot.failed':
      return entry({ error: errorName(event.error) })
    case 'housekeeping.failed':
      return entry({ part: event.part, error: errorName(event.error) })
    case 'replay_store.unproven':
      return entry({ error: errorName(event.error) })
    case 'snapshot.recovered':
      return entry({})
    default:
      return entry('kid' in event && typeof event.kid === 'string' ? { kid: event.kid } : {})
  }
}

/** What kind of error it is. Its message stays out: it may hold anything. */
function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : error.name
}
