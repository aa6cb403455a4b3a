import { formatChallenges, formatScope } from '@countersign/protocol'
import { DENIAL_REASONS, type DenialReason } from './denial-reasons.ts'

/**
 * The `WWW-Authenticate` value for a denial; `undefined` for an outage.
 *
 * Scopes are named where asking for them could help: with no token yet, and with too few scopes.
 * Where the API publishes its metadata, every challenge says so.
 * Source: RFC 6750 section 3; RFC 9728 section 5.1.
 */
export function denialChallenge(
  realm: string,
  reason: DenialReason,
  scopes: readonly string[],
  resourceMetadata?: string,
): string | undefined {
  const { status, error, description } = DENIAL_REASONS[reason]
  if (status === 503) return undefined
  const parameters = new Map([['realm', realm]])
  if (error !== undefined) {
    parameters.set('error', error)
    parameters.set('error_description', description)
  }
  const scopeHelps = reason === 'no_credentials' || reason === 'insufficient_scope'
  if (scopeHelps && scopes.length > 0) parameters.set('scope', formatScope(scopes))
  if (resourceMetadata !== undefined) parameters.set('resource_metadata', resourceMetadata)
  return formatChallenges([{ scheme: 'Bearer', parameters }])
}
