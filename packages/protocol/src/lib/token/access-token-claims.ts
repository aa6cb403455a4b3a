import { isJsonObject, type JsonObject } from '../text/json-object.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { parseScope, type ScopeToken } from './scope.ts'

/** The claims of a JWT access token. Times are epoch seconds, fractions allowed. */
export interface AccessTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: readonly string[]
  readonly client_id: string
  readonly exp: number
  readonly iat: number
  readonly nbf: number | undefined
  readonly jti: string
  /** The `scope` claim, parsed; empty where there is none. Frozen: one text may give one list to many. */
  readonly scope: readonly ScopeToken[]
  /** Every claim as it came, for what this type does not name. */
  readonly all: JsonObject
}

/** The JWS header type of a JWT access token. Source: RFC 9068 section 2.1. */
export const ACCESS_TOKEN_TYPE = 'at+jwt'

/**
 * Checks the shape of an access token's claims: every claim RFC 9068 demands, each of its type.
 *
 * Says nothing about whether they are true: issuer, audience and times are the guard's business.
 * Source: RFC 9068 section 2.2; RFC 7519 sections 2 and 4.1 (NumericDate is a finite number).
 */
export function parseAccessTokenClaims(payload: unknown): Parsed<AccessTokenClaims> {
  if (!isJsonObject(payload)) return unparsed('payload', 'is not a JSON object')
  for (const name of ['iss', 'sub', 'client_id', 'jti'] as const) {
    const value = payload[name]
    if (typeof value !== 'string' || value === '') return unparsed(name, 'must be a string')
  }
  for (const name of ['exp', 'iat'] as const) {
    if (!isNumericDate(payload[name])) return unparsed(name, 'must be a number of seconds')
  }
  const { nbf } = payload
  if (nbf !== undefined && !isNumericDate(nbf)) {
    return unparsed('nbf', 'must be a number of seconds')
  }
  const aud = parseAudience(payload['aud'])
  if (!aud.ok) return aud
  const scope = payload['scope'] === undefined ? NO_SCOPE : knownScope(payload['scope'])
  if (!scope.ok) return scope
  return parsed({
    iss: payload['iss'] as string,
    sub: payload['sub'] as string,
    aud: aud.value,
    client_id: payload['client_id'] as string,
    exp: payload['exp'] as number,
    iat: payload['iat'] as number,
    nbf,
    jti: payload['jti'] as string,
    scope: scope.value,
    all: payload,
  })
}

const NO_SCOPE = parsed<readonly ScopeToken[]>(Object.freeze([]))

/** Scopes that were read, by their text: the tokens of a client name the same ones each time. */
const known = new Map<string, Parsed<readonly ScopeToken[]>>()
const MAX_KNOWN = 256
const MAX_KNOWN_TEXT = 1024

function knownScope(text: unknown): Parsed<readonly ScopeToken[]> {
  if (typeof text !== 'string' || text.length > MAX_KNOWN_TEXT) return parseScope(text)
  const held = known.get(text)
  if (held !== undefined) return held
  const scope = parseScope(text)
  if (!scope.ok) return scope
  Object.freeze(scope.value)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(text, scope)
  return scope
}

function parseAudience(value: unknown): Parsed<readonly string[]> {
  if (typeof value === 'string' && value !== '') return parsed([value])
  if (!Array.isArray(value) || value.length === 0) return unparsed('aud', 'is missing or empty')
  if (!value.every((one) => typeof one === 'string' && one !== '')) {
    return unparsed('aud', 'holds an entry that is not a string')
  }
  return parsed(value as readonly string[])
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
