import {
  ACCESS_TOKEN_TYPE,
  MAX_COMPACT_JWS,
  parseAccessTokenClaims,
  parseBase64url,
  parseJsonObject,
  parseScope,
  type JsonObject,
} from '@countersign/protocol'

/** What can be read from a token without any key. */
export type Inspection = OpaqueToken | EncryptedToken | ReadableToken

/** A token whose text says nothing: only the server that issued it can tell what it is for. */
export interface OpaqueToken {
  readonly kind: 'opaque'
}

/** A JWT that only its audience can decrypt. */
export interface EncryptedToken {
  readonly kind: 'encrypted'
  readonly header: JsonObject
}

/** A JWT, decoded. Its signature has not been looked at. */
export interface ReadableToken {
  readonly kind: 'jwt'
  readonly header: JsonObject
  readonly claims: JsonObject
  /** Epoch milliseconds of the claims that are times, by claim. */
  readonly times: ReadonlyMap<TimeClaim, number>
  readonly scope: readonly string[]
  readonly state: 'expired' | 'not yet valid' | 'in time' | 'without end'
  /** What a guard would frown at, in plain words. */
  readonly warnings: readonly string[]
}

/** A claim that is a time. Source: RFC 7519 section 4.1. */
export type TimeClaim = (typeof TIME_CLAIMS)[number]

const ACCESS_TOKEN_TYPES: readonly string[] = [
  ACCESS_TOKEN_TYPE,
  `application/${ACCESS_TOKEN_TYPE}`,
]
const TIME_CLAIMS = ['iat', 'nbf', 'exp'] as const

/** Decodes `token` as far as it can be decoded. More lenient than a guard, which is the point. */
export function inspectToken(token: string, now: number): Inspection {
  const parts = token.split('.', 6)
  const header = decoded(parts[0])
  if (header === undefined) return { kind: 'opaque' }
  if (parts.length === 5) return { kind: 'encrypted', header }
  const claims = parts.length === 3 ? decoded(parts[1]) : undefined
  if (claims === undefined) return { kind: 'opaque' }
  const times = new Map<TimeClaim, number>()
  for (const name of TIME_CLAIMS) {
    const value = claims[name]
    if (typeof value === 'number' && Number.isFinite(value)) times.set(name, value * 1000)
  }
  return {
    kind: 'jwt',
    header,
    claims,
    times,
    scope: scopeOf(claims),
    state: stateOf(times, now),
    warnings: warningsOf(token, { header, claims, times }, now),
  }
}

function decoded(segment: string | undefined): JsonObject | undefined {
  const bytes = parseBase64url(segment ?? '')
  if (bytes === undefined || bytes.length === 0) return undefined
  const object = parseJsonObject(new TextDecoder().decode(bytes))
  return object.ok ? object.value : undefined
}

function scopeOf({ scope, scp }: JsonObject): readonly string[] {
  // Some servers write scp, and some a list.
  const value = scope ?? scp
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
  const scopes = parseScope(value)
  return scopes.ok ? scopes.value : []
}

function stateOf(times: ReadonlyMap<TimeClaim, number>, now: number): ReadableToken['state'] {
  const end = times.get('exp')
  if (end !== undefined && now >= end) return 'expired'
  if (now < (times.get('nbf') ?? 0)) return 'not yet valid'
  return end === undefined ? 'without end' : 'in time'
}

function warningsOf(
  token: string,
  { header, claims, times }: Pick<ReadableToken, 'header' | 'claims' | 'times'>,
  now: number,
): readonly string[] {
  const warnings: string[] = []
  const { alg, typ, crit } = header
  if (typeof alg === 'string' && alg.toLowerCase() === 'none') {
    warnings.push('alg is none: it is not signed, and anybody can have made it')
  }
  if (typeof alg === 'string' && /^HS\d/.test(alg)) {
    warnings.push('alg is symmetric: whoever can verify it can forge it')
  }
  if (typeof typ !== 'string' || !ACCESS_TOKEN_TYPES.includes(typ.toLowerCase())) {
    warnings.push(
      'typ is not at+jwt: it may be an ID token, or from a server that predates RFC 9068',
    )
  }
  if (crit !== undefined) warnings.push('crit names an extension: most guards refuse the token')
  if (claims['aud'] === undefined)
    warnings.push('there is no aud: it is good at every API of the issuer')
  if (!times.has('exp')) warnings.push('there is no exp: it never ends by itself')
  if ((times.get('iat') ?? 0) > now + 60_000) warnings.push('iat lies ahead: compare the clocks')
  if (claims['cnf'] !== undefined) warnings.push('cnf binds it to a key: it is no bearer token')
  if (token.length > MAX_COMPACT_JWS) warnings.push('it is so long that guards refuse it')
  const shape = parseAccessTokenClaims(claims)
  if (!shape.ok && shape.member !== 'aud' && shape.member !== 'exp') {
    warnings.push(`${shape.member} ${shape.reason}: not as RFC 9068 has it`)
  }
  return warnings
}
