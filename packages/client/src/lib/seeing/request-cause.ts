import type { RequestCause } from '../events.ts'
import { recentlyUsed } from '../recently-used.ts'
import type { TokenRequest } from '../token-source.ts'
import { MAX_TOKEN_KINDS, tokenKind } from './token-kind.ts'

/** Tells the causes of the requests that reach one source. */
export interface RequestCauses {
  of(request: TokenRequest): RequestCause
  /** Takes note of a request that was given a token. */
  obtained(request: TokenRequest): void
}

/** {@link RequestCauses} that know nothing yet. Each token that calls vary by has a past of its own. */
export function requestCauses(): RequestCauses {
  const obtained = recentlyUsed<true>(MAX_TOKEN_KINDS)
  return {
    of(request) {
      if (request.rejected !== undefined) return 'refused'
      if (request.background === true) return 'ahead'
      return obtained.get(tokenKind(request)) === true ? 'expired' : 'cold'
    },
    obtained(request) {
      obtained.set(tokenKind(request), true)
    },
  }
}
