import { isJsonObject, type JsonObject } from '../text/json-object.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { formatScope, isScopeToken, parseScope, type ScopeToken } from './scope.ts'

/** A token endpoint's successful answer. */
export interface TokenResponse {
  readonly accessToken: string
  /** How the token is used, in its usual spelling: `Bearer` or `DPoP`. */
  readonly tokenType: 'Bearer' | 'DPoP'
  /** Life in whole seconds, 0 for "use once"; `undefined` where the server did not say. */
  readonly expiresIn: number | undefined
  /** Scopes granted; `undefined` where the server granted what was asked. */
  readonly scope: readonly ScopeToken[] | undefined
  /** Seconds after which the server would like the token renewed, where it says so. */
  readonly refreshIn: number | undefined
  /** Authorization details granted; left out where there are none. Source: RFC 9396 section 7. */
  readonly authorizationDetails?: readonly JsonObject[]
}

/** The longest life that is taken at its word: ten years. Longer ones are cut to it. */
export const MAX_EXPIRES_IN = 315_360_000

/**
 * Reads a token response. Unknown members are ignored; the deviations seen in the field have a rule.
 *
 * - `token_type` missing or null means `Bearer`; the comparison ignores case; another type is
 *   refused, since a token must not be used in a way that is not understood.
 * - `expires_in` may be a number or a numeric string; fractions are cut; 0 is allowed; negative,
 *   non-numeric and non-finite values are refused; values over ten years are cut.
 * - `scope` may be a string or, as some servers send it, a list of strings.
 *
 * Source: RFC 6749 sections 5.1 and 7.1; RFC 9449 section 5.
 */
export function parseTokenResponse(body: unknown): Parsed<TokenResponse> {
  if (!isJsonObject(body)) return unparsed('body', 'JSON is not an object')
  const accessToken = body['access_token']
  if (accessToken === undefined || accessToken === null)
    return unparsed('access_token', 'is missing')
  // Anything else would end in a header: RFC 6750 section 2.1 allows fewer characters than this.
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) {
    return unparsed('access_token', 'must be a string of printable ASCII')
  }
  const tokenType = parseTokenType(body['token_type'])
  if (!tokenType.ok) return tokenType
  const expiresIn = parseSeconds('expires_in', body['expires_in'])
  if (!expiresIn.ok) return expiresIn
  const scope = parseGrantedScope(body['scope'])
  if (!scope.ok) return scope
  // A hint is only a hint: a broken one is dropped, the token is still good.
  const refreshIn = parseSeconds('refresh_in', body['refresh_in'])
  const details = body['authorization_details']
  return parsed({
    accessToken,
    tokenType: tokenType.value,
    expiresIn: expiresIn.value,
    scope: scope.value,
    refreshIn: refreshIn.ok ? refreshIn.value : undefined,
    // What was granted is for the API to enforce: a list that makes no sense is passed over.
    ...(isDetailsList(details) && { authorizationDetails: details }),
  })
}

/** The JSON members of a token response; members that are `undefined` are left out. */
export function formatTokenResponse(response: TokenResponse): JsonObject {
  const { accessToken, tokenType, expiresIn, scope, refreshIn, authorizationDetails } = response
  const members: Record<string, unknown> = { access_token: accessToken, token_type: tokenType }
  if (expiresIn !== undefined) members['expires_in'] = expiresIn
  if (scope !== undefined) members['scope'] = formatScope(scope)
  if (refreshIn !== undefined) members['refresh_in'] = refreshIn
  if (authorizationDetails !== undefined) members['authorization_details'] = authorizationDetails
  return members
}

function isDetailsList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isJsonObject)
}

function parseTokenType(value: unknown): Parsed<'Bearer' | 'DPoP'> {
  if (value === undefined || value === null) return parsed('Bearer')
  if (typeof value !== 'string') return unparsed('token_type', 'must be a string')
  const type = value.toLowerCase()
  if (type === 'bearer') return parsed('Bearer')
  if (type === 'dpop') return parsed('DPoP')
  return unparsed('token_type', 'names a type that is not Bearer or DPoP')
}

function parseSeconds(member: string, value: unknown): Parsed<number | undefined> {
  if (value === undefined || value === null || value === '') return parsed(undefined)
  const seconds =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,15}(\.\d{1,15})?$/.test(value.trim())
        ? Number(value)
        : NaN
  if (!Number.isFinite(seconds)) return unparsed(member, 'must be a number of seconds')
  if (seconds < 0) return unparsed(member, 'must not be negative')
  return parsed(Math.min(Math.floor(seconds), MAX_EXPIRES_IN))
}

function parseGrantedScope(value: unknown): Parsed<readonly ScopeToken[] | undefined> {
  if (value === undefined || value === null) return parsed(undefined)
  if (Array.isArray(value)) {
    return value.every(isScopeToken)
      ? parsed([...new Set<ScopeToken>(value)])
      : unparsed('scope', 'holds an entry that is not a scope')
  }
  return parseScope(value)
}
