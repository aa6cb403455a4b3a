import type { AccessTokenClaims } from '@countersign/protocol'
import { onceKnown } from '../once-known.ts'

/** Whether the token with these claims, signed by that key, is ended. */
export type EndCheck = (
  claims: AccessTokenClaims,
  key: string | undefined,
) => boolean | Promise<boolean>

/**
 * Whether a token is ended, found out anew only where what is gone by has another `version`.
 *
 * The claims of a token that is seen again are one object: then asking costs a lookup. Nothing is kept of a token that
 * nobody holds any more.
 */
export function perToken(version: () => number, isEnded: EndCheck): EndCheck {
  const known = new WeakMap<AccessTokenClaims, { readonly version: number; ended: boolean }>()
  return (claims, key) => {
    const at = version()
    const before = known.get(claims)
    if (before?.version === at) return before.ended
    return onceKnown(isEnded(claims, key), (ended) => {
      known.set(claims, { version: at, ended })
      return ended
    })
  }
}
