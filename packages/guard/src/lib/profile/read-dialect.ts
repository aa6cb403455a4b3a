import {
  isScopeToken,
  parseAccessTokenClaims,
  parseScope,
  type AccessTokenClaims,
  type JsonObject,
} from '@countersign/protocol'
import { toPrincipal, type Principal, type Rights } from '../verdict/principal.ts'
import { readOnlySet } from '../verdict/read-only-set.ts'
import type { ClaimsDialect, NamesClaim, TokenProfile } from './token-profile.ts'

/** What the claims of a token say, or why they are no access token's. */
export type DialectReading =
  | { readonly ok: true; readonly claims: AccessTokenClaims; readonly principal: Principal }
  | { readonly ok: false; readonly reason: 'wrong_type' | 'malformed_claims' }

/** What reading claims takes besides them. */
export interface DialectContext {
  readonly dialect: ClaimsDialect
  readonly profile: Pick<TokenProfile, 'audience'>
  /** Identifiers of this API. */
  readonly audience: readonly string[]
}

/**
 * Reads the claims of a JWT in the dialect of its issuer: under the names of RFC 9068, and whom they are
 * about. `tokenId` stands in where the token has no identifier and need not have one.
 *
 * What the dialect does not know is refused: another kind of token, claims that are missing or of another
 * type, and those that contradict each other.
 * Source: RFC 9068 section 2.2; RFC 8725 sections 3.11 and 3.12.
 */
export function readDialect(
  payload: JsonObject,
  tokenId: string,
  context: DialectContext,
): DialectReading {
  const { dialect, profile } = context
  if (!dialect.isAccessToken(payload)) return { ok: false, reason: 'wrong_type' }
  const clientId = clientIdOf(payload, dialect.clientId)
  const kind = clientId === undefined ? undefined : dialect.kindOf(payload, clientId)
  const scope = kind && namesIn(payload, dialect.scopes[kind])
  if (scope === undefined) return MALFORMED
  const isForNoApi = profile.audience === 'clients' && payload['aud'] === undefined
  const { iss, sub, aud, exp, iat, nbf, [dialect.tokenId.claim]: id } = payload
  const parsed = parseAccessTokenClaims({
    iss,
    sub,
    // Any word: it is taken out below, and `clients` decides.
    aud: isForNoApi ? 'none' : aud,
    exp,
    iat,
    nbf,
    client_id: clientId,
    jti: id ?? (dialect.tokenId.required ? undefined : tokenId),
    scope: scope.join(' '),
  })
  if (!parsed.ok) return MALFORMED
  const claims = { ...parsed.value, all: payload, ...(isForNoApi && { aud: [] }) }
  const principal = dialectPrincipal(claims, context)
  return principal === undefined ? MALFORMED : { ok: true, claims, principal }
}

/**
 * Whom claims are about, in the dialect of their issuer; `undefined` where they contradict each other or
 * are of the wrong type.
 */
export function dialectPrincipal(
  claims: AccessTokenClaims,
  { dialect, audience }: DialectContext,
): Principal | undefined {
  const { all, aud, client_id: clientId } = claims
  const kind = dialect.kindOf(all, clientId)
  const here = audience.filter((one) => aud.includes(one))
  const roles = namesOf(dialect.roles?.(all, here))
  const permissions = namesOf(dialect.permissions?.(all))
  if (kind === undefined || roles === undefined || permissions === undefined) return undefined
  const rights: Omit<Rights, 'scopes'> = {
    ...(dialect.roles && { roles: readOnlySet(roles) }),
    ...(dialect.permissions && { permissions: readOnlySet(permissions) }),
  }
  return toPrincipal(claims, kind, rights)
}

/** Whether something must stand in for the identifier of a token. */
export function lacksTokenId(payload: JsonObject, { tokenId }: ClaimsDialect): boolean {
  return !tokenId.required && payload[tokenId.claim] === undefined
}

const MALFORMED: DialectReading = Object.freeze({ ok: false, reason: 'malformed_claims' })

/** The client that all claims of these names agree on. */
function clientIdOf(payload: JsonObject, names: readonly string[]): string | undefined {
  const given = names.map((name) => payload[name]).filter((value) => value !== undefined)
  const [first] = given
  return typeof first === 'string' && first !== '' && given.every((one) => one === first)
    ? first
    : undefined
}

/** Scopes of a claim, repeats dropped: each must be what a scope can be. */
function namesIn(payload: JsonObject, { claim, form }: NamesClaim): readonly string[] | undefined {
  const value = payload[claim]
  if (value === undefined) return []
  if (form === 'list') {
    return Array.isArray(value) && value.every(isScopeToken) ? [...new Set(value)] : undefined
  }
  const scope = parseScope(value)
  return scope.ok ? scope.value : undefined
}

/** No names where there is nothing; `undefined` for what is no list of names. */
function namesOf(value: unknown = []): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
}
