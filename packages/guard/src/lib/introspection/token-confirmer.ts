import type { WhenUnknown } from '../revocation/revocation-check.ts'
import type { RefusedToken, VerifiedAccessToken } from '../token/token-verifier.ts'

/**
 * Whether the issuer says of a good token that it is active; `within` is how long ago it may have said so,
 * where the route wants to know. Never rejects.
 */
export type TokenConfirmer = (
  token: string,
  verified: VerifiedAccessToken,
  within: number | undefined,
) => Confirmation | Promise<Confirmation>

/** What came of it. */
export type Confirmation =
  | {
      readonly ok: true
      /** Nobody could be asked, and such tokens are let pass (`whenUnknown: 'allow'`). */
      readonly unchecked?: 'introspection'
    }
  | RefusedToken

/** What the issuer was asked about a token, and when. */
export type Word =
  | { readonly kind: 'active'; readonly askedAt: number }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'unknown'; readonly retryAfter: number }

export const CONFIRMED: Confirmation = Object.freeze({ ok: true })
const INACTIVE: Confirmation = Object.freeze({ ok: false, reason: 'inactive' })
const UNCHECKED: Confirmation = Object.freeze({ ok: true, unchecked: 'introspection' })

/**
 * Confirms JWTs that were verified by their keys: each one every so often where they are sampled, and
 * any token where a route says so.
 *
 * A token that is held, such as in the cache of verified tokens, is not even hashed while its word is
 * fresh. `exp` and the rest are judged elsewhere, each time.
 */
export function tokenConfirmer({
  every,
  whenUnknown,
  now,
  askWithin,
}: {
  /** Milliseconds; `undefined` where JWTs are not sampled. */
  readonly every: number | undefined
  readonly whenUnknown: WhenUnknown
  readonly now: () => number
  /** The word of the issuer, not older than so many milliseconds. Never rejects. */
  readonly askWithin: (token: string, within: number) => Promise<Word>
}): TokenConfirmer {
  const confirmedAt = new WeakMap<VerifiedAccessToken, number>()

  async function confirm(
    token: string,
    verified: VerifiedAccessToken,
    within: number,
  ): Promise<Confirmation> {
    const word = await askWithin(token, within)
    if (word.kind === 'inactive') {
      confirmedAt.delete(verified)
      return INACTIVE
    }
    if (word.kind === 'active') {
      confirmedAt.set(verified, word.askedAt)
      return CONFIRMED
    }
    if (whenUnknown === 'allow') return UNCHECKED
    return { ok: false, reason: 'introspection_unavailable', retryAfter: word.retryAfter }
  }

  return (token, verified, ofRoute) => {
    // Of a token without a key the issuer has just said what there is to say.
    const sampled = verified.key === undefined ? undefined : every
    if (sampled === undefined && ofRoute === undefined) return CONFIRMED
    const within = Math.min(sampled ?? Infinity, ofRoute ?? Infinity)
    const last = confirmedAt.get(verified)
    if (last !== undefined) {
      const at = now()
      if (at >= last && at < last + within) return CONFIRMED
    }
    return confirm(token, verified, within)
  }
}
