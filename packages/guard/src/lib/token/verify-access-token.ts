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
  type VerifiedAccessToken,
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

/** Judges a JWT access token. `jws` is the token taken apart, where that was done before. */
export type AccessTokenVerifier = (
  token: string,
  jws?: Parsed<CompactJws>,
) => TokenOutcome | Promise<TokenOutcome>

/**
 * Verifies JWT access tokens: signature, type, claims, as the profile of their issuer has them. At once
 * where the key is held and the runtime checks signatures in place. What it accepts can tell later whether
 * it still stands.
 *
 * Source: RFC 9068 section 4.
 */
export function accessTokenVerifier(
  policy: TokenPolicy,
  { keys, now }: KeysAndClock,
): AccessTokenVerifier {
  const signed = { algorithms: policy.algorithms, types: policy.profile.types }

  function accept(
    reading: DialectReading,
    { header: { alg, kid }, signer }: JwsOutcome & { readonly ok: true },
  ): TokenOutcome {
    if (!reading.ok) return reading
    const { claims, principal } = reading
    const refused = claimsRefusal(checkClaims(claims, policy, now()), claims)
    if (refused !== undefined) return refused
    const { profile } = policy
    return verifiedAccessToken(claims, {
      key: signer.thumbprint,
      signature: { alg, kid },
      recheck,
      profile,
      principal,
    })
  }

  function recheck(token: VerifiedAccessToken): ReturnType<Recheck> {
    const at = now()
    const held = keys.held(at)
    if (held !== undefined && held === token.stoodBy) return stillTrue(token, at)
    const { alg, kid } = token
    if (alg === undefined) return undefined
    const lookup = keys.find(alg, kid, at)
    // What has been waited for takes the time of then.
    if (lookup instanceof Promise) return lookup.then((known) => judge(token, known, now()))
    const outcome = judge(token, lookup, at)
    if (outcome === token) token.stoodBy = held
    return outcome
  }

  function judge(
    token: VerifiedAccessToken,
    lookup: KeyLookup,
    at: number,
  ): TokenOutcome | undefined {
    if (lookup.kind !== 'found') return keyRefusal(lookup)
    // Another set may hold the same key: that is the same word of the issuer.
    return holds(lookup.keys, token.key) ? stillTrue(token, at) : undefined
  }

  function stillTrue(token: VerifiedAccessToken, at: number): TokenOutcome {
    return claimsRefusal(checkTimes(token, policy, at), token.claims) ?? token
  }

  function judgeSigned(token: string, jws: JwsOutcome): TokenOutcome | Promise<TokenOutcome> {
    if (!jws.ok) return jws
    const reading = readClaims(token, jws.payload, policy)
    return reading instanceof Promise
      ? reading.then((known) => accept(known, jws))
      : accept(reading, jws)
  }

  return (token, jws) => {
    const outcome = verifyJws(token, signed, keys, jws)
    return outcome instanceof Promise
      ? outcome.then((known) => judgeSigned(token, known))
      : judgeSigned(token, outcome)
  }
}

function holds(keys: readonly VerificationKey[], thumbprint: string | undefined): boolean {
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
