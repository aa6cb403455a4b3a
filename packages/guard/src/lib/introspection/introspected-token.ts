import { isJsonObject, parseAccessTokenClaims, type JsonObject } from '@countersign/protocol'
import { dialectPrincipal } from '../profile/read-dialect.ts'
import type { ClaimsPolicy } from '../token/check-claims.ts'
import { toPrincipal } from '../verdict/principal.ts'
import { freezeToken } from '../token/freeze-token.ts'
import { verifiedAccessToken, type TokenOutcome } from '../token/token-verifier.ts'

/**
 * The claims of a token by the answer of its issuer, of the shape that a JWT's have. Whether they are
 * true for this API is judged as a JWT's are.
 *
 * Active is what says `active: true` and nothing else. The client and the audience must be named. The
 * rest has a stand-in: the issuer that was asked, `username` for the subject and without one the client,
 * `id` for `jti`, and for `exp` the time for which an answer is used. A token of which nobody says when it
 * was issued may be older than any mark that ends tokens, so its `iat` is 0: by the time of the answer it
 * would be younger each time its issuer is asked. Whom the token is about is said in the dialect of
 * its issuer. A good one is frozen: many calls are given the same.
 * Source: RFC 7662 section 2.2.
 */
export function introspectedToken(
  members: JsonObject,
  standIns: {
    readonly issuer: string
    readonly id: string
    /** Epoch milliseconds. */
    readonly askedAt: number
    readonly maxAge: number
    readonly policy: ClaimsPolicy
  },
): TokenOutcome {
  if (members['active'] !== true) return { ok: false, reason: 'inactive' }
  const { token_type: type, cnf } = members
  if (type !== undefined) {
    const scheme = typeof type === 'string' ? type.toLowerCase() : ''
    if (scheme !== 'bearer' && scheme !== 'dpop') return { ok: false, reason: 'wrong_type' }
    // A token for DPoP that names no key would pass as a bearer token.
    if (scheme === 'dpop' && !(isJsonObject(cnf) && 'jkt' in cnf)) {
      return { ok: false, reason: 'malformed_claims' }
    }
  }
  const { issuer, id, askedAt, maxAge, policy } = standIns
  const { profile } = policy
  const { dialect } = profile
  if (dialect?.isAccessTokenAnswer?.(members) === false) return { ok: false, reason: 'wrong_type' }
  const parsed = parseAccessTokenClaims({
    iss: issuer,
    sub: members['username'] ?? members['client_id'],
    jti: id,
    iat: 0,
    exp: Math.ceil((askedAt + maxAge) / 1000),
    ...members,
  })
  if (!parsed.ok) return { ok: false, reason: 'malformed_claims' }
  const claims = { ...parsed.value, all: members }
  const principal =
    dialect === undefined
      ? toPrincipal(claims)
      : dialectPrincipal(claims, { ...policy, profile, dialect })
  if (principal === undefined) return { ok: false, reason: 'malformed_claims' }
  const verified = verifiedAccessToken(claims, { profile, principal })
  freezeToken(verified)
  return verified
}
