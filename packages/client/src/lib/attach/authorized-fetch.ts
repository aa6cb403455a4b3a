import { assertKnownOptions, optionalFunction } from '@countersign/protocol'
import { assertSource } from '../assert-source.ts'
import type { ClientEventListener } from '../events.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import type { TokenSource, TokenVariation } from '../token-source.ts'
import { allowedOrigins } from './attach-target.ts'
import { attachingFetch } from './attaching-fetch.ts'

/** Where and how tokens are attached. */
export interface AuthorizedFetchOptions {
  /** The only origins that calls may go to, such as `https://api.example.com`. Default: any the caller names. */
  readonly origins?: readonly string[]
  /** Default: the platform's. A token that is bound to a connection goes by that connection. */
  readonly fetch?: FetchFunction
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** `fetch`, with a token on every call. `variation` says what the token of this call is to be for. */
export type AuthorizedFetch = (
  input: string | URL | Request,
  init?: RequestInit,
  variation?: TokenVariation,
) => Promise<Response>

/**
 * `fetch` in, `fetch` out: every call carries a token of `source`, or is not sent.
 *
 * A token that is bound to a key or a connection is presented under it. A call answered with 401
 * because of its token is sent once more with another token, if its body can be sent again and the
 * source has another one; a call whose proof lacked a nonce is sent once more with it; a 403 is
 * handed back as it is. So three requests are the most that a call makes, redirects aside. Those are
 * followed within the origin only. Plain http is for loopback addresses only.
 *
 * Rejects: as `source` does; `ERR_INSECURE_URL`, `ERR_ORIGIN_NOT_ALLOWED`, `ERR_NO_TOKEN`,
 * `ERR_PROOF`, `ERR_CROSS_ORIGIN_REDIRECT` and its kin; `ArgumentError` for a call that brings the
 * token's header itself; and as `fetch` does for the call itself.
 * Source: RFC 6750 sections 2.1 and 5.3; RFC 9449 sections 7 and 9; RFC 9700 section 4.9.1.
 */
export function authorizedFetch(
  source: TokenSource,
  options: AuthorizedFetchOptions = {},
): AuthorizedFetch {
  assertSource('authorizedFetch', source)
  assertKnownOptions('authorizedFetch', options, ['origins', 'fetch', 'onEvent', 'now'])
  const given: AuthorizedFetchOptions = options
  return attachingFetch(source, {
    origins: allowedOrigins('authorizedFetch', given.origins),
    fetch: optionalFunction('authorizedFetch', 'fetch', given.fetch, platformFetch),
    onEvent: optionalFunction('authorizedFetch', 'onEvent', given.onEvent, undefined),
    now: optionalFunction('authorizedFetch', 'now', given.now, Date.now),
  })
}
