import {
  ArgumentError,
  assertKnownOptions,
  formatTokenAuthorization,
  isSecureUrl,
  optionalFunction,
} from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { AttachError } from '../errors/token-error.ts'
import { tell, type ClientEventListener } from '../events.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import { isTokenRefused } from './refused-token.ts'
import { isReplayable } from './replayable-body.ts'
import { fetchWithinOrigin } from './same-origin-redirects.ts'

/** Where and how tokens are attached. */
export interface AuthorizedFetchOptions {
  /** The only origins that calls may go to, such as `https://api.example.com`. Default: any the caller names. */
  readonly origins?: readonly string[]
  /** Default: the platform's. */
  readonly fetch?: FetchFunction
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** The names of {@link AuthorizedFetchOptions}. */
export const AUTHORIZED_FETCH_OPTIONS: readonly (keyof AuthorizedFetchOptions)[] = [
  'origins',
  'fetch',
  'onEvent',
  'now',
]

/** `fetch`, with a token on every call. */
export type AuthorizedFetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>

/**
 * `fetch` in, `fetch` out: every call carries a token of `source`, or is not sent.
 *
 * A call answered with 401 because of its token is sent once more with another token, if its body
 * can be sent again and the source has another one; a 403 is handed back as it is. Redirects are
 * followed within the origin only. Plain http is for loopback addresses only.
 *
 * Rejects: as `source` does; `ERR_INSECURE_URL`, `ERR_ORIGIN_NOT_ALLOWED`, `ERR_NO_TOKEN`,
 * `ERR_CROSS_ORIGIN_REDIRECT` and its kin; `ArgumentError` for a call that brings its own
 * `Authorization`; and as `fetch` does for the call itself.
 * Source: RFC 6750 sections 2.1 and 5.3; RFC 9700 section 4.9.1.
 */
export function authorizedFetch(
  source: TokenSource,
  options: AuthorizedFetchOptions = {},
): AuthorizedFetch {
  if (typeof source !== 'function') {
    const message = "authorizedFetch: 'source' must be a token source"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'source', message)
  }
  assertKnownOptions('authorizedFetch', options, AUTHORIZED_FETCH_OPTIONS)
  const given: AuthorizedFetchOptions = options
  const origins = given.origins === undefined ? undefined : originsOf(given.origins)
  const fetch = optionalFunction('authorizedFetch', 'fetch', given.fetch, platformFetch)
  const onEvent = optionalFunction('authorizedFetch', 'onEvent', given.onEvent, undefined)
  const now = optionalFunction('authorizedFetch', 'now', given.now, Date.now)

  async function send(
    token: AccessToken,
    url: URL,
    input: string | URL | Request,
    init: RequestInit | undefined,
  ): Promise<Response> {
    const headers = new Headers(
      init?.headers ?? (input instanceof Request ? input.headers : undefined),
    )
    headers.set('authorization', formatTokenAuthorization(token.type, token.value))
    return fetchWithinOrigin(fetch, input, { ...init, headers }, url)
  }

  return async (input, init) => {
    const url = destination(input, origins)
    refuseOwnAuthorization(input, init)
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    const token = usable(await source(signal === undefined ? undefined : { signal }), now)
    const response = await send(token, url, input, init)
    if (!isTokenRefused(response)) return response

    tell(onEvent, { type: 'token.refused', origin: url.origin })
    if (!isReplayable(input, init)) return response
    const another = await replacement(source, token, { signal, now })
    if (another === undefined) return response
    // What is not read must not hold its connection.
    response.body?.cancel().catch(() => {})
    return send(another, url, input, init)
  }
}

/** Another token than the refused one, where there is one: the API's answer stands otherwise. */
async function replacement(
  source: TokenSource,
  rejected: AccessToken,
  { signal, now }: { readonly signal: AbortSignal | undefined; readonly now: () => number },
): Promise<AccessToken | undefined> {
  const request: TokenRequest = signal === undefined ? { rejected } : { rejected, signal }
  try {
    const token = usable(await source(request), now)
    return token.value === rejected.value ? undefined : token
  } catch {
    if (signal?.aborted === true) throw signal.reason
    return undefined
  }
}

function destination(input: string | URL | Request, origins: ReadonlySet<string> | undefined): URL {
  const url = URL.parse(input instanceof Request ? input.url : input)
  if (url === null) {
    const message = 'authorizedFetch: the URL of a call must be absolute'
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'input', message)
  }
  if (!isSecureUrl(url)) {
    throw new AttachError(
      'ERR_INSECURE_URL',
      `a call to ${url.origin} would carry a token in clear`,
      {
        phase: 'attach',
        hint: 'Use https; plain http is for loopback addresses only',
      },
    )
  }
  if (origins !== undefined && !origins.has(url.origin)) {
    throw new AttachError(
      'ERR_ORIGIN_NOT_ALLOWED',
      `${url.origin} is not among the allowed origins`,
      {
        phase: 'attach',
        hint: 'Add it to origins, or call it without this fetch',
      },
    )
  }
  return url
}

function refuseOwnAuthorization(
  input: string | URL | Request,
  init: RequestInit | undefined,
): void {
  const headers = init?.headers ?? (input instanceof Request ? input.headers : undefined)
  if (headers === undefined || !new Headers(headers).has('authorization')) return
  const message = "authorizedFetch: the call brings an 'authorization' header of its own; remove it"
  throw new ArgumentError('ERR_ARGUMENT_VALUE', 'headers.authorization', message)
}

function usable(token: AccessToken | undefined, now: () => number): AccessToken {
  // Sources may be written by anybody, in JavaScript too: nothing but a token goes into a header.
  const value: unknown = token?.value
  if (token === undefined || typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw noToken('nothing that can be sent as a token')
  }
  if (token.type !== 'Bearer') throw noToken('a token of a type that cannot be attached')
  const { expiresAt = Infinity, obtainedAt } = token
  // A life of zero means "use once", and this is the once.
  if (now() >= expiresAt && expiresAt !== obtainedAt) throw noToken('a token that has ended')
  return token
}

function noToken(what: string): AttachError {
  return new AttachError('ERR_NO_TOKEN', `the token source gave ${what}`, {
    phase: 'attach',
    hint: 'A source must resolve to an AccessToken that has not ended',
  })
}

function originsOf(origins: unknown): ReadonlySet<string> {
  if (!Array.isArray(origins)) {
    const message = "authorizedFetch: 'origins' must be a list"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'origins', message)
  }
  return new Set(
    origins.map((text: unknown, index) => {
      const url = typeof text === 'string' ? URL.parse(text) : null
      if (url !== null && url.origin !== 'null' && url.href === `${url.origin}/`) return url.origin
      const message = `authorizedFetch: 'origins[${index}]' must be an origin such as https://api.example.com`
      throw new ArgumentError('ERR_ARGUMENT_VALUE', `origins[${index}]`, message)
    }),
  )
}
