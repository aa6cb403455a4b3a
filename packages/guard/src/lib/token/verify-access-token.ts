import {
  parseAccessTokenClaims,
  type AccessTokenClaims,
  type CompactJws,
  type JsonObject,
  type Parsed,
} from '@countersign/protocol'
import {
  sha256Base64url,
  type KeyLookup,
  type KeySource,
  type VerificationKey,
} from '@countersign/verify'
import { onceKnown } from '../once-known.ts'
import { lacksTokenId, readDialect, type DialectReading } from '../profile/read-dialect.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import { toPrincipal } from '../verdict/principal.ts'
import { checkClaims, checkTimes, type ClaimsPolicy } from './check-claims.ts'
import {
  verifiedAccessToken,
  type Recheck,
  type RefusedToken,
  type TokenOutcome,
} from './token-verifier.ts'
import { keyRefusal, verifyJws, type JwsOutcome } from './verify-jws.ts'

/** What a token must satisfy. */
export interface TokenPolicy extends ClaimsPolicy {
  readonly algorithms: ReadonlySet<string>
}

interface KeysAndClock {
  readonly keys: KeySource
  readonly now: () => number
}

/**
 * Verifies a JWT access token: signature, type, claims, as the profile of its issuer has them. At once
 * where the key is held and the runtime checks signatures in place.
 *
 * `jws` is the token taken apart, where that was done before.
 * Source: RFC 9068 section 4.
 */
export function verifyAccessToken(
  token: string,
  policy: TokenPolicy,
  { keys, now, jws }: KeysAndClock & { readonly jws?: Parsed<CompactJws> | undefined },
): TokenOutcome | Promise<TokenOutcome> {
  const { algorithms, profile } = policy
  const verified = verifyJws(token, { algorithms, types: profile.types }, keys, jws)
  return onceKnown(verified, (signed) => {
    if (!signed.ok) return signed
    return onceKnown(readClaims(token, signed.payload, policy), (reading) => {
      if (!reading.ok) return reading
      const { claims } = reading
      const refused = claimsRefusal(checkClaims(claims, policy, now()), claims)
      return refused ?? accepted(reading, signed, policy, { keys, now })
    })
  })
}

/** The token, which can tell later whether it still stands. */
function accepted(
  { claims, principal }: DialectReading & { readonly ok: true },
  { header: { alg, kid }, signer }: JwsOutcome & { readonly ok: true },
  policy: ClaimsPolicy,
  { keys, now }: KeysAndClock,
): TokenOutcome {
  const { thumbprint: key } = signer
  const judge = (lookup: KeyLookup, at: number): TokenOutcome | undefined => {
    if (lookup.kind !== 'found') return keyRefusal(lookup)
    // Another set may hold the same key: that is the same word of the issuer.
    if (!holds(lookup.keys, key)) return undefined
    return claimsRefusal(checkTimes(claims, policy, at), claims) ?? verified
  }
  const recheck = (): ReturnType<Recheck> => {
    const at = now()
    const lookup = keys.find(alg, kid, at)
    // What has been waited for takes the time of then.
    return lookup instanceof Promise
      ? lookup.then((known) => judge(known, now()))
      : judge(lookup, at)
  }
  const verified = verifiedAccessToken(claims, { key, recheck, profile: policy.profile, principal })
  return verified
}

function holds(keys: readonly VerificationKey[], thumbprint: string): boolean {
  for (const key of keys) {
    if (key.thumbprint === thumbprint) return true
  }
  return false
}

/** The client is vouched for: the signature is good. */
function claimsRefusal(
  reason: DenialReason | undefined,
  { client_id: clientId }: AccessTokenClaims,
): RefusedToken | undefined {
  return reason && { ok: false, reason, clientId }
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
