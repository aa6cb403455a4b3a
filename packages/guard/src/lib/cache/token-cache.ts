import type { GuardRequest } from '../guard/guard-request.ts'
import { onceKnown } from '../once-known.ts'
import { freezeToken } from '../token/freeze-token.ts'
import type {
  Recheck,
  TokenOutcome,
  TokenVerifier,
  VerifiedAccessToken,
} from '../token/token-verifier.ts'
import { twoGenerations, type MemoryBounds, type Weighed } from './two-generations.ts'

/**
 * Remembers tokens that verified, so that the next call with the same one costs a lookup.
 *
 * The whole token must be the same, every character of it. What may have changed since is checked at
 * each use: times, and whether the key that signed it still stands. Only good tokens are remembered, so
 * junk pushes nothing out; those of an issuer that is asked about each have a memory of their own.
 * What belongs to a request, such as its proof, its rule and revocation, is not looked at here and
 * checked at every one.
 */
export function tokenCache(verify: TokenVerifier, bounds: MemoryBounds): TokenVerifier {
  const seen = twoGenerations<SeenToken>(bounds)

  function verifyAnew(token: string, request: GuardRequest): TokenOutcome | Promise<TokenOutcome> {
    return onceKnown(verify(token, request), (outcome) => {
      if (outcome.ok && outcome.recheck !== undefined) remember(token, outcome, outcome.recheck)
      return outcome
    })
  }

  function remember(text: string, verified: VerifiedAccessToken, recheck: Recheck): void {
    const token = copyOf(text)
    const bytes = BYTES_EACH + BYTES_PER_CHARACTER * token.length
    const objects = freezeToken(verified)
    seen.set(tailOf(token), {
      token,
      verified,
      recheck,
      bytes: bytes + BYTES_PER_OBJECT * objects,
    })
  }

  return (token, request) => {
    const known = seen.get(tailOf(token))
    // The tail finds it, the whole decides.
    if (known?.token !== token) return verifyAnew(token, request)
    const standing = known.recheck(known.verified)
    if (standing === known.verified) return standing
    return onceKnown(standing, (outcome) => {
      if (outcome?.ok) return outcome
      // An outage says nothing about the token.
      if (outcome?.reason !== 'keys_unavailable') seen.delete(tailOf(token))
      if (outcome === undefined) return verifyAnew(token, request)
      return { ...outcome, issuer: known.verified.claims.iss }
    })
  }
}

interface SeenToken extends Weighed {
  readonly token: string
  readonly verified: VerifiedAccessToken
  readonly recheck: Recheck
}

/** Characters of the signature that find a token: hashing all of it would take longer than comparing. */
const TAIL = 12

function tailOf(token: string): string {
  return token.slice(-TAIL)
}

/** A part of a text may keep the whole text in memory, here a header of any length: this one does not. */
function copyOf(token: string): string {
  return ` ${token}`.slice(1)
}

/** What remembering a token takes, counted high: its text and the same again as claims, and all objects. */
const BYTES_EACH = 1500
const BYTES_PER_CHARACTER = 2
const BYTES_PER_OBJECT = 64
