import { DENIAL_REASONS } from '../verdict/denial-reasons.ts'
import type { Denied } from '../verdict/verdict.ts'
import type { Answer } from './answer.ts'

/**
 * The answer to a denied request: status, challenge, `Retry-After`, and JSON with `error` (where there is
 * one) and `error_description`.
 *
 * No cache may keep it: the same request with a better token must reach the API.
 * Source: RFC 6750 section 3; RFC 9110 section 10.2.3.
 */
export function denialAnswer(denied: Denied): Answer<Denied['status']> {
  const { status, challenge, reason, retryAfter, headers: besides = {} } = denied
  const { error, description } = DENIAL_REASONS[reason]
  const headers: [string, string][] = Object.entries({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...besides,
  })
  if (challenge !== undefined) headers.push(['www-authenticate', challenge])
  if (retryAfter !== undefined) headers.push(['retry-after', String(retryAfter)])
  const body = JSON.stringify({ error, error_description: description })
  return { status, headers, body }
}
