import { REFUSAL_REASONS, type ServerEvent } from '@countersign/server'
import { jsonMembers } from '../text/json-members.ts'
import { isoTime, isoTimeOrNull, relativeTime } from '../text/time-in-words.ts'

/** An event of the server as one line for people. No token and no secret is in it. */
export function eventLine(event: ServerEvent): string {
  return `${isoTime(event.at)} ${inWords(event)}\n`
}

/** The same as one line of JSON. */
export function eventJson(event: ServerEvent): string {
  return `${JSON.stringify({ event: event.type, at: isoTime(event.at), ...members(event) })}\n`
}

function inWords(event: ServerEvent): string {
  switch (event.type) {
    case 'token.issued': {
      const { clientId, resource, scope, expiresAt, at } = event
      return `issued a token to ${clientId} for ${resource}: ${scope.join(' ')}, expires ${relativeTime(expiresAt, at)}`
    }
    case 'token.refused':
    case 'introspection.refused':
    case 'revocation.refused':
    case 'usage.refused': {
      const { meaning, cure } = REFUSAL_REASONS[event.reason]
      const who = event.clientId ?? 'a request'
      const where = event.type.slice(0, event.type.indexOf('.'))
      return `refused ${who} at the ${where} endpoint with ${event.error} (${event.reason}): ${meaning} Cure: ${cure} [${event.correlationId}]`
    }
    case 'token.introspected':
      return `told ${event.clientId} about a token: ${event.result}`
    case 'token.revoked':
      return `revoked a token of ${event.clientId}: ${event.jti}`
    case 'token_marks.merged':
      return `${event.clientId} has revoked very many tokens: ${event.marks} of them are one mark now, which ends everything it got until ${isoTime(event.notAfter)}`
    case 'usage.reported': {
      const left = event.unknown === 0 ? '' : `, ${event.unknown} unknown left out`
      return `heard from ${event.clientId} which scopes were used at ${event.resource}: ${event.uses.length} uses${left}`
    }
    case 'signing_key.created':
      return `made signing key ${event.kid} (${event.alg}), which signs from ${isoTime(event.signsFrom)}`
    case 'signing_key.destroyed':
      return `destroyed signing key ${event.kid}, whose time is over`
    case 'signing_key.failed':
      return `could not ${event.kid === undefined ? `make a signing key (${event.alg})` : `destroy signing key ${event.kid}`} (${kindOf(event.error)}); trying again`
    case 'signing_key.unusable':
      return event.masterKeyVersion === 0
        ? `cannot use signing key ${event.kid}: its signer is not given`
        : `cannot open signing key ${event.kid}: master key ${event.masterKeyVersion} is not given`
    case 'snapshot.failed':
      return `cannot read the registry (${kindOf(event.error)}); going on with what was last read`
    case 'snapshot.recovered':
      return 'can read the registry again'
    case 'replay_store.unproven':
      return event.error.message
    case 'replay_store.proven':
      return 'the replay store can be relied on again'
    case 'housekeeping.failed':
      return `cannot forget what has ended in the store of '${event.part}' (${kindOf(event.error)})`
    case 'store.failed':
      return `cannot store what belongs to ${event.part} (${kindOf(event.error)}): ${event.kept} waiting, ${event.dropped} lost`
    case 'request.failed':
      return `failed to answer a request (${kindOf(event.error)}) [${event.correlationId}]`
  }
}

function members(event: ServerEvent): object {
  switch (event.type) {
    case 'token.issued':
      return {
        client_id: event.clientId,
        credential_id: event.credentialId,
        method: event.method,
        resource: event.resource,
        scope: event.scope.join(' '),
        jti: event.jti,
        kid: event.kid,
        expires_at: isoTimeOrNull(event.expiresAt),
      }
    case 'token.refused':
    case 'introspection.refused':
    case 'revocation.refused':
    case 'usage.refused': {
      const { reason, error, status, clientId, correlationId, detail } = event
      const { meaning, cure } = REFUSAL_REASONS[reason]
      const facts = { reason, error, status, client_id: clientId ?? null, meaning, cure }
      return {
        ...facts,
        correlation_id: correlationId,
        ...(detail && { detail: jsonMembers(detail) }),
      }
    }
    case 'token.introspected': {
      const { clientId, credentialId, result } = event
      return { client_id: clientId, credential_id: credentialId, result }
    }
    case 'token.revoked': {
      const { clientId, credentialId, jti } = event
      return { client_id: clientId, credential_id: credentialId, jti }
    }
    case 'token_marks.merged':
      return { client_id: event.clientId, not_after: isoTime(event.notAfter), marks: event.marks }
    case 'usage.reported': {
      const { clientId, credentialId, resource, uses, unknown } = event
      const counts = { uses: uses.length, unknown }
      return { client_id: clientId, credential_id: credentialId, resource, ...counts }
    }
    case 'signing_key.created':
      return { kid: event.kid, alg: event.alg, signs_from: isoTime(event.signsFrom) }
    case 'signing_key.destroyed':
      return { kid: event.kid, alg: event.alg }
    case 'signing_key.failed':
      return { kid: event.kid ?? null, alg: event.alg, error: kindOf(event.error) }
    case 'signing_key.unusable':
      return { kid: event.kid, master_key_version: event.masterKeyVersion }
    case 'snapshot.failed':
      return { error: kindOf(event.error) }
    case 'store.failed': {
      const { part, kept, dropped } = event
      return { part, error: kindOf(event.error), kept, dropped }
    }
    case 'request.failed':
      return { error: kindOf(event.error), correlation_id: event.correlationId }
    case 'replay_store.unproven':
      return { error: kindOf(event.error), message: event.error.message }
    case 'housekeeping.failed':
      return { part: event.part, error: kindOf(event.error) }
    case 'replay_store.proven':
    case 'snapshot.recovered':
      return {}
  }
}

/** What kind of error it is. Its message stays out: it may hold anything. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : error.name
}
