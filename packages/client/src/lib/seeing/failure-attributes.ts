import { TOKEN_ERROR_CODES } from '@countersign/protocol'
import { isTokenError } from '../errors/token-error.ts'
import type { TelemetryAttributes } from './opentelemetry-api.ts'

/** OAuth error codes that are told as they are. A server may send any text: the rest is `_OTHER`. */
const OAUTH_ERRORS = new Set<string>([
  ...TOKEN_ERROR_CODES,
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'slow_down',
  'server_error',
  'temporarily_unavailable',
  'too_many_requests',
])

/**
 * A failure as attributes of a span or a metric: few values, none from outside.
 *
 * No message and no name of a foreign error is taken: both may quote what must not be seen.
 * `error.type` is a code of `ERROR_CATALOGUE`, `AbortError`, `TimeoutError` or `_OTHER`.
 */
export function failureAttributes(error: unknown): TelemetryAttributes {
  if (!isTokenError(error)) return { 'error.type': nameOf(error) }
  const { code, retryable, status, oauth } = error
  return {
    'error.type': code,
    'countersign.retryable': retryable,
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(oauth !== undefined && {
      'oauth.error': OAUTH_ERRORS.has(oauth.error) ? oauth.error : '_OTHER',
    }),
  }
}

function nameOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  return name === 'AbortError' || name === 'TimeoutError' ? name : '_OTHER'
}
