import type { ResourceRecord } from '@countersign/server'
import { isoTime } from '../text/time-in-words.ts'

/** A resource as `--json` gives it. */
export function resourceJson(record: ResourceRecord): object {
  return {
    resource: record.resource,
    name: record.name,
    scopes: record.scopes,
    token_lifetime_seconds: record.tokenLifetimeSeconds,
    token_format: record.tokenFormat,
    signing_algorithm: record.signingAlgorithm,
    sender_constraint: record.senderConstraint,
    introspection_clients: record.introspectionClients,
    authorization_details_types: Object.keys(record.authorizationDetails),
    state: record.state,
    created_at: isoTime(record.createdAt),
  }
}
