import type { GuardRequest } from '../guard/guard-request.ts'
import { onceKnown } from '../once-known.ts'
import { freezeToken } from '../token/freeze-token.ts'
import type { TokenOutcome, TokenVerifier, VerifiedAccessToken } from '../token/token-verifier.ts'
import { twoGenerations, type MemoryBounds } from './two-generations.ts'

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
  const seen = twoGenerations<VerifiedAccessToken>(bounds)

  function verifyAnew(token: string, request: GuardRequest): TokenOutcome | Promise<TokenOutcome> {
    const outcome = verify(token, request)
    return outcome instanceof Promise
      ? outcome.then((known) => remember(token, known))
      : remember(token, outcome)
  }

  function remember(text: string, outcome: TokenOutcome): TokenOutcome {
    if (!outcome.ok || outcome.recheck === undefined) return outcome
    const objects = freezeToken(outcome)
    outcome.text = copyOf(text)
    outcome.bytes = BYTES_EACH + BYTES_PER_CHARACTER * text.length + BYTES_PER_OBJECT * objects
    seen.set(markOf(text), outcome)
    return outcome
  }

  return (token, request) => {
    const known = seen.get(markOf(token))
    // The mark finds it, the whole decides.
    if (known?.text !== token) return verifyAnew(token, request)
    const standing = known.recheck?.(known)
    if (standing === known) return standing
    return onceKnown(standing, (outcome) => {
      if (outcome?.ok) return outcome
      // An outage says nothing about the token.
      if (outcome?.reason !== 'keys_unavailable') seen.delete(markOf(token))
      if (outcome === undefined) return verifyAnew(token, request)
      return { ...outcome, issuer: known.claims.iss }
    })
  }
}

/** How many of the last characters of a token its mark is made of. */
const TAIL = 8

/**
 * A number that finds a token, made of its end, where signatures differ most. Two tokens may have the same:
 * then the one that verified last is remembered. Made of numbers, it is found in half the time that a text
 * takes.
 */
function markOf(token: string): number {
  const { length } = token
  let mark = 0
  for (let i = Math.max(0, length - TAIL); i < length; i++) {
    mark = (Math.imul(mark, 31) + token.charCodeAt(i)) | 0
  }
  // What fits into 30 bits is kept in place, without an object of its own.
  return mark & 0x3fff_ffff
}

/** A part of a text may keep the whole text in memory, here a header of any length: this one does not. */
function copyOf(token: string): string {
  return ` ${token}`.slice(1)
}

/** What remembering a token takes, counted high: its text and the same again as claims, and all objects. */
const BYTES_EACH = 1500
const BYTES_PER_CHARACTER = 2
const BYTES_PER_OBJECT = 64
