import { parseAccessTokenClaims, type JsonObject } from '@countersign/protocol'
import { sha256Base64url, type KeySource } from '@countersign/verify'
import { onceKnown } from '../once-known.ts'
import { lacksTokenId, readDialect, type DialectReading } from '../profile/read-dialect.ts'
import { toPrincipal } from '../verdict/principal.ts'
import { checkClaims, type ClaimsPolicy } from './check-claims.ts'
import { verifiedAccessToken, type TokenOutcome } from './token-verifier.ts'
import { verifyJws, type JwsOutcome } from './verify-jws.ts'

/** What a token must satisfy. */
export interface TokenPolicy extends ClaimsPolicy {
  readonly algorithms: ReadonlySet<string>
}

/**
 * Verifies a JWT access token: signature, type, claims, as the profile of its issuer has them. At once
 * where the key is held and the runtime checks signatures in place.
 *
 * Source: RFC 9068 section 4.
 */
export function verifyAccessToken(
  token: string,
  policy: TokenPolicy,
  keys: KeySource,
  now: () => number,
): TokenOutcome | Promise<TokenOutcome> {
  const { algorithms, profile } = policy
  const verified = verifyJws(token, { algorithms, types: profile.types }, keys)
  return onceKnown(verified, (jws) => {
    if (!jws.ok) return jws
    return onceKnown(readClaims(token, jws.payload, policy), (reading) =>
      judge(reading, jws, policy, now),
    )
  })
}

function judge(
  reading: DialectReading,
  { key }: JwsOutcome & { readonly ok: true },
  policy: TokenPolicy,
  now: () => number,
): TokenOutcome {
  if (!reading.ok) return reading
  const { claims, principal } = reading
  const reason = checkClaims(claims, policy, now())
  if (reason !== undefined) return { ok: false, reason, clientId: claims.client_id }
  return verifiedAccessToken(claims, key, policy.profile, principal)
}

function readClaims(
  token: string,
  payload: JsonObject,
  policy: TokenPolicy,
): DialectReading | Promise<DialectReading> {
  const { dialect } = policy.profile
  if (dialect === undefined) {
    const claims = parseAccessTokenClaims(payload)
    return claims.ok
      ? { ok: true, claims: claims.value, principal: toPrincipal(claims.value) }
      : { ok: false, reason: 'malformed_claims' }
  }
  // Of what was signed alone: some algorithms have several good signatures of one text.
  const standIn = lacksTokenId(payload, dialect)
    ? sha256Base64url(token.slice(0, token.lastIndexOf('.')))
    : ''
  return onceKnown(standIn, (tokenId) => readDialect(payload, tokenId, { ...policy, dialect }))
}
