import { onceKnown } from '../once-known.ts'
import type { VerifiedAccessToken } from '../token/token-verifier.ts'

/**
 * Whether a token is ended, found out anew only where what is gone by has another `version`.
 *
 * A token that is seen again is one object: then asking costs a lookup. Nothing is kept of a token that
 * nobody holds any more.
 */
export function perToken(
  version: () => number,
  isEnded: (token: VerifiedAccessToken) => boolean | Promise<boolean>,
): (token: VerifiedAccessToken) => boolean | Promise<boolean> {
  const known = new WeakMap<VerifiedAccessToken, { readonly version: number; ended: boolean }>()
  return (token) => {
    const at = version()
    const before = known.get(token)
    if (before?.version === at) return before.ended
    return onceKnown(isEnded(token), (ended) => {
      known.set(token, { version: at, ended })
      return ended
    })
  }
}
