import { ArgumentError, assertKnownOptions, optionalFunction } from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { assertSource } from '../assert-source.ts'
import { tell, type ClientEventListener } from '../events.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import type { TokenSource, TokenVariation } from '../token-source.ts'
import { anotherToken } from './another-token.ts'
import { allowedOrigins, assertAttachTarget } from './attach-target.ts'
import { constrainedFetch, type ConstraintBudget } from './constrained-fetch.ts'
import { presentableToken, tokenHeader } from './presentable-token.ts'
import { isTokenRefused } from './refused-token.ts'
import { isReplayable } from './replayable-body.ts'
import { fetchWithinOrigin } from './same-origin-redirects.ts'

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

/** The names of {@link AuthorizedFetchOptions}. */
export const AUTHORIZED_FETCH_OPTIONS: readonly (keyof AuthorizedFetchOptions)[] = [
  'origins',
  'fetch',
  'onEvent',
  'now',
]

/** `fetch`, with a token on every call. `variation` says what the token of this call is to be for. */
export type AuthorizedFetch = (
  input: string | URL | Request,
  init?: RequestInit,
  variation?: TokenVariation,
) => Promise<Response>

const VARIATION: readonly (keyof TokenVariation)[] = [
  'scope',
  'resource',
  'audience',
  'authorizationDetails',
  'parameters',
  'partition',
]

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
  assertKnownOptions('authorizedFetch', options, AUTHORIZED_FETCH_OPTIONS)
  const given: AuthorizedFetchOptions = options
  const origins = allowedOrigins('authorizedFetch', given.origins)
  const fetch = optionalFunction('authorizedFetch', 'fetch', given.fetch, platformFetch)
  const onEvent = optionalFunction('authorizedFetch', 'onEvent', given.onEvent, undefined)
  const now = optionalFunction('authorizedFetch', 'now', given.now, Date.now)

  const take = (token: AccessToken | undefined): AccessToken => presentableToken(token, now)

  return async (input, init, variation) => {
    const url = destination(input, origins)
    refuseOwn('authorization', input, init)
    if (variation !== undefined) assertKnownOptions('authorizedFetch', variation, VARIATION)
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    const asked = signal === undefined ? variation : { ...variation, signal }
    const budget: ConstraintBudget = { left: 1 }
    const send = (token: AccessToken): Promise<Response> =>
      sendWith(token, { fetch, input, init, url, budget, signal })

    const token = take(await source(asked))
    const response = await send(token)
    if (!isTokenRefused(response, token.type)) return response

    tell(onEvent, { type: 'token.refused', origin: url.origin })
    if (!isReplayable(input, init)) return response
    const another = await anotherToken(source, { ...asked, rejected: token }, take)
    if (another === undefined) return response
    // What is not read must not hold its connection.
    response.body?.cancel().catch(() => {})
    return send(another)
  }
}

interface Call {
  readonly fetch: FetchFunction
  readonly input: string | URL | Request
  readonly init: RequestInit | undefined
  readonly url: URL
  readonly budget: ConstraintBudget
  readonly signal: AbortSignal | undefined
}

/** Sends a call with this token, and with the proofs it needs: one for each address on the way. */
async function sendWith(token: AccessToken, call: Call): Promise<Response> {
  const { input, init, url, budget, signal } = call
  const [header, value] = tokenHeader(token)
  if (header !== 'authorization') refuseOwn(header, input, init)
  const { senderConstraint: constraint, presentation } = token
  const given = init?.headers ?? (input instanceof Request ? input.headers : undefined)
  const added = { ...presentation?.headers, [header]: value }
  // Most calls bring no headers: `fetch` copies what it is given, so one copy is enough.
  const headers = given === undefined ? added : withHeaders(given, added)
  const connection = constraint?.fetch ?? call.fetch
  const fetch =
    constraint === undefined ? connection : constrainedFetch(connection, { token, budget, signal })
  return fetchWithinOrigin(fetch, input, { ...init, headers }, url)
}

function withHeaders(given: HeadersInit, added: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(given)
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  return headers
}

function destination(input: string | URL | Request, origins: ReadonlySet<string> | undefined): URL {
  const url = URL.parse(input instanceof Request ? input.url : input)
  if (url === null) {
    const message = 'authorizedFetch: the URL of a call must be absolute'
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'input', message)
  }
  assertAttachTarget(url, origins)
  return url
}

function refuseOwn(
  header: string,
  input: string | URL | Request,
  init: RequestInit | undefined,
): void {
  const headers = init?.headers ?? (input instanceof Request ? input.headers : undefined)
  if (headers === undefined) return
  const own = headers instanceof Headers ? headers : new Headers(headers)
  if (!own.has(header)) return
  const message = `authorizedFetch: the call brings an '${header}' header of its own; remove it`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', `headers.${header}`, message)
}
