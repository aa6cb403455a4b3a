import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { tell, type ClientEventListener } from '../events.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import { TOKEN_VARIATION, type TokenSource } from '../token-source.ts'
import { anotherToken } from './another-token.ts'
import { assertAttachTarget } from './attach-target.ts'
import type { AuthorizedFetch } from './authorized-fetch.ts'
import { constrainedFetch, type ConstraintBudget } from './constrained-fetch.ts'
import { presentableToken, tokenHeader } from './presentable-token.ts'
import { isTokenRefused } from './refused-token.ts'
import { isReplayable } from './replayable-body.ts'
import { fetchWithinOrigin } from './same-origin-redirects.ts'

/** The options of {@link authorizedFetch}, checked and with every default in place. */
export interface AttachingSettings {
  readonly origins: ReadonlySet<string> | undefined
  readonly fetch: FetchFunction
  readonly onEvent: ClientEventListener | undefined
  readonly now: () => number
}

/** {@link authorizedFetch} for a source and options that have been checked already. */
export function attachingFetch(
  source: TokenSource,
  { origins, fetch, onEvent, now }: AttachingSettings,
): AuthorizedFetch {
  const take = (token: AccessToken | undefined): AccessToken => presentableToken(token, now)

  return async (input, init, variation) => {
    const request = input instanceof Request ? input : undefined
    const url = destination(request?.url ?? (input as string | URL), origins)
    const own = readAgain(init?.headers ?? request?.headers)
    refuseOwn('authorization', own)
    if (variation !== undefined) assertKnownOptions('authorizedFetch', variation, TOKEN_VARIATION)
    const signal = init?.signal ?? request?.signal
    const asked = signal === undefined ? variation : { ...variation, signal }
    const call: Call = { fetch, input, init, url, own, signal, budget: { left: 1 } }

    const token = take(await source(asked))
    const response = await sendWith(token, call)
    if (!isTokenRefused(response, token.type)) return response

    tell(onEvent, { type: 'token.refused', origin: url.origin })
    if (!isReplayable(input, init)) return response
    const another = await anotherToken(source, { ...asked, rejected: token }, take)
    if (another === undefined) return response
    // What is not read must not hold its connection.
    response.body?.cancel().catch(() => {})
    return sendWith(another, call)
  }
}

interface Call {
  readonly fetch: FetchFunction
  readonly input: string | URL | Request
  readonly init: RequestInit | undefined
  readonly url: URL
  /** The headers that the call brings. */
  readonly own: HeadersInit | undefined
  readonly budget: ConstraintBudget
  readonly signal: AbortSignal | undefined
}

/** Sends a call with this token, and with the proofs it needs: one for each address on the way. */
function sendWith(token: AccessToken, call: Call): Promise<Response> {
  const { input, init, url, own, budget, signal } = call
  const [header, value] = tokenHeader(token)
  refuseOwn(header, own)
  const { senderConstraint: constraint, presentation } = token
  const added = { ...presentation?.headers, [header]: value }
  // Most calls bring no headers: `fetch` copies what it is given, so one copy is enough.
  const headers = own === undefined ? added : withHeaders(own, added)
  const connection = constraint?.fetch ?? call.fetch
  const fetch =
    constraint === undefined ? connection : constrainedFetch(connection, { token, budget, signal })
  return fetchWithinOrigin(fetch, input, { ...init, headers }, url)
}

function withHeaders(own: HeadersInit, added: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(own)
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  return headers
}

function destination(input: string | URL, origins: ReadonlySet<string> | undefined): URL {
  const url = URL.parse(input)
  if (url === null) {
    const message = 'authorizedFetch: the URL of a call must be absolute'
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'input', message)
  }
  assertAttachTarget(url, origins)
  return url
}

/** The headers of a call in a form that can be read more than once: an iterator would be used up. */
function readAgain(headers: HeadersInit | undefined): HeadersInit | undefined {
  const isOnce = headers !== undefined && !(headers instanceof Headers) && isIterable(headers)
  return isOnce ? [...headers] : headers
}

function isIterable(headers: HeadersInit): headers is [string, string][] {
  return Symbol.iterator in headers
}

function refuseOwn(header: string, own: HeadersInit | undefined): void {
  if (own === undefined || !hasHeader(own, header)) return
  const message = `authorizedFetch: the call brings an '${header}' header of its own; remove it`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', `headers.${header}`, message)
}

function hasHeader(own: HeadersInit, header: string): boolean {
  if (own instanceof Headers) return own.has(header)
  const names = Array.isArray(own) ? own.map(([name]) => name) : Object.keys(own)
  return names.some((name) => String(name).toLowerCase() === header)
}
