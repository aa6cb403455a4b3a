import {
  parseErrorResponse,
  parseJsonObject,
  parseTokenResponse,
  type ErrorResponse,
  type JsonObject,
  type TokenResponse,
} from '@countersign/protocol'
import { PeerError, RefusalError } from '../errors/token-error.ts'
import type { BoundedAnswer } from '../http/bounded-answer.ts'
import { parseRetryAfter } from '../http/retry-after.ts'
import { withoutQuotes } from './sent-secrets.ts'
import type { TokenEndpointQuirks } from './token-endpoint-quirks.ts'

/** What a refusal's hint depends on. */
export interface TokenAnswerContext {
  /** The token endpoint's origin: the only part of its address that ends in messages. */
  readonly origin: string
  /** The client authentication method that was used. */
  readonly method: string
  readonly encodingMatters: boolean
  /** The type a token must have: another one is thrown away. */
  readonly tokenType: 'Bearer' | 'DPoP'
  readonly quirks: TokenEndpointQuirks
  /** What was sent and must not be shown, should the server quote it. Asked for a refusal alone. */
  readonly secrets: () => readonly string[]
  readonly now: number
}

/** The OAuth error code of an answer, where it has one. */
export function errorOf(answer: BoundedAnswer): string | undefined {
  const json = parseJsonObject(answer.text)
  const error = json.ok ? parseErrorResponse(json.value) : json
  return error.ok ? error.value.error : undefined
}

/**
 * What a token endpoint's answer means.
 *
 * The body decides, not the media type: servers send JSON as `text/plain`, and pages as JSON. An
 * `error` member is a refusal even with status 200. Source: RFC 6749 sections 5.1 and 5.2.
 *
 * Throws: `ERR_REFUSED`; `ERR_RESPONSE_STATUS`, `ERR_RESPONSE_BODY`, `ERR_RESPONSE_MEMBER`.
 */
export function readTokenAnswer(answer: BoundedAnswer, context: TokenAnswerContext): TokenResponse {
  const { origin } = context
  const { status } = answer
  const success = status >= 200 && status < 300
  const retryable = status >= 500 || status === 429 || status === 408
  const retryAfter = parseRetryAfter(answer.headers.get('retry-after'), context.now)
  const json = parseJsonObject(answer.text)
  if (json.ok && !(success && 'access_token' in json.value)) {
    const refusal = parseErrorResponse(withoutQuotes(json.value, context.secrets()))
    if (refusal.ok) throw refused(refusal.value, { status, retryable, retryAfter, context })
  }
  if (!success) {
    throw new PeerError('ERR_RESPONSE_STATUS', `${origin} answered ${status}`, {
      phase: 'token',
      status,
      retryable,
      retryAfter,
      hint: status === 404 ? 'Check the path of the token endpoint' : undefined,
    })
  }
  if (!json.ok) {
    throw new PeerError(
      'ERR_RESPONSE_BODY',
      `${origin} answered ${status}, and the ${json.reason}`,
      {
        phase: 'token',
        status,
        // A page where JSON is due is a proxy's doing more often than the server's.
        retryable: true,
        hint: looksLikePage(answer.text) ? 'It is a web page: check the address' : undefined,
      },
    )
  }
  const response = parseTokenResponse(standardMembers(json.value, context.quirks))
  if (response.ok && response.value.tokenType === context.tokenType) return response.value
  const member = response.ok ? 'token_type' : response.member
  const reason = response.ok
    ? `is ${response.value.tokenType}, where ${context.tokenType} was asked for`
    : response.reason
  throw new PeerError(
    'ERR_RESPONSE_MEMBER',
    `${origin} gave a token response whose ${member} ${reason}`,
    { phase: 'token', status },
  )
}

function standardMembers(
  body: JsonObject,
  { readAnswer, scopeSeparator }: TokenEndpointQuirks,
): unknown {
  let answer = body
  try {
    if (readAnswer !== undefined) answer = readAnswer(body)
  } catch {
    // What a quirk cannot read is no token response; its own error may quote the answer.
    return undefined
  }
  const { scope } = answer
  if (scopeSeparator !== ',' || typeof scope !== 'string') return answer
  return { ...answer, scope: scope.split(',').join(' ') }
}

/** Codes that pass by themselves. Source: RFC 6749 section 4.1.2.1; they are seen here as well. */
const PASSING_ERRORS: readonly string[] = ['temporarily_unavailable', 'server_error', 'slow_down']

function refused(
  oauth: ErrorResponse,
  {
    status,
    retryable,
    retryAfter,
    context,
  }: {
    readonly status: number
    readonly retryable: boolean
    readonly retryAfter: number | undefined
    readonly context: TokenAnswerContext
  },
): RefusalError {
  const { error, description, correlationId } = oauth
  const said = description === undefined ? '' : ` (${description})`
  const id = correlationId === undefined ? '' : `, correlation ID ${correlationId}`
  return new RefusalError('ERR_REFUSED', `${context.origin} refused: ${error}${said}${id}`, {
    phase: 'token',
    status,
    retryable: retryable || PASSING_ERRORS.includes(error),
    retryAfter,
    oauth,
    hint: error === 'invalid_client' ? invalidClientHint(context) : HINTS[error],
  })
}

const HINTS: Readonly<Record<string, string>> = {
  unauthorized_client:
    'The client may not ask for this: register it for client_credentials, and grant it a scope',
  unsupported_grant_type:
    'The server does not offer client_credentials; where a user is involved, use the authorization code flow',
  invalid_scope: 'Ask only for scopes that are granted to this client, or have them granted',
  invalid_grant: 'Check the assertion: who it speaks of, its audience, its key',
  invalid_target: 'Check resource or audience: the client needs a grant for that API',
  invalid_request: 'Check scope, resource, audience and parameters',
}

function invalidClientHint({ method, encodingMatters }: TokenAnswerContext): string {
  if (encodingMatters) {
    return "Check clientId and clientSecret; if they are right, this server may not decode Basic credentials: set basicEncoding to 'raw'"
  }
  if (method === 'private_key_jwt' || method === 'client_secret_jwt') {
    return "Check clientId and what is registered for it; if that is right, set audience to 'token_endpoint'"
  }
  if (!method.startsWith('client_secret_')) return `Check clientId and the credential of ${method}`
  const other = method === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic'
  return `Check clientId and clientSecret; if they are right, set authMethod to '${other}'`
}

function looksLikePage(text: string): boolean {
  return /^\s*</.test(text.slice(0, 200))
}
