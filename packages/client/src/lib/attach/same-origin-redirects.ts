import { AttachError } from '../errors/token-error.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import { isReplayable } from './replayable-body.ts'

const MAX_REDIRECTS = 20

/**
 * Sends a call and follows redirects within its origin; a redirect that leaves it is an error.
 *
 * Platforms drop the token on the way to another origin and send the call without it, which no API
 * wants; a custom `fetch` may even take the token along. Neither happens here. Methods and bodies
 * change as `fetch` changes them. Source: Fetch standard, "HTTP-redirect fetch".
 *
 * Throws: `ERR_CROSS_ORIGIN_REDIRECT`, `ERR_TOO_MANY_REDIRECTS`, `ERR_BODY_NOT_REPLAYABLE`.
 */
export async function fetchWithinOrigin(
  fetch: FetchFunction,
  input: string | URL | Request,
  init: RequestInit & { readonly headers: HeadersInit },
  url: URL,
): Promise<Response> {
  const redirect = init.redirect ?? (input instanceof Request ? input.redirect : 'follow')
  if (redirect !== 'follow') return fetch(input, { ...init, redirect })

  let response = await fetch(input, { ...init, redirect: 'manual' })
  if (!isRedirect(response)) return response
  let at = url
  let next: RequestInit & { readonly headers: HeadersInit } = init
  let method = init.method ?? (input instanceof Request ? input.method : 'GET')
  for (let hops = 1; isRedirect(response); hops++) {
    // What is not read must not hold its connection.
    response.body?.cancel().catch(() => {})
    if (hops > MAX_REDIRECTS) throw refusal('ERR_TOO_MANY_REDIRECTS', at)
    const location = response.headers.get('location')
    const target = location === null ? null : URL.parse(location, at)
    if (target === null || target.origin !== at.origin) {
      throw refusal('ERR_CROSS_ORIGIN_REDIRECT', at, target)
    }
    if (changesToGet(response.status, method)) {
      method = 'GET'
      next = withoutBody(next)
    } else if (!isReplayable(hops === 1 ? input : at, next)) {
      throw refusal('ERR_BODY_NOT_REPLAYABLE', at)
    }
    at = target
    response = await fetch(at, { ...next, method, redirect: 'manual', ...signalOf(input, next) })
  }
  return response
}

function isRedirect(response: Response): boolean {
  return (
    response.type === 'opaqueredirect' ||
    ([301, 302, 303, 307, 308].includes(response.status) && response.headers.has('location'))
  )
}

function changesToGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return (status === 301 || status === 302) && method === 'POST'
}

function withoutBody(init: RequestInit & { readonly headers: HeadersInit }): typeof init {
  const headers = new Headers(init.headers)
  for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type']) {
    headers.delete(name)
  }
  headers.delete('content-length')
  return { ...init, headers, body: null }
}

/** The first hop carried a `Request`'s own signal; the later ones carry it on. */
function signalOf(input: string | URL | Request, init: RequestInit): { signal?: AbortSignal } {
  if (init.signal !== undefined && init.signal !== null) return { signal: init.signal }
  return input instanceof Request ? { signal: input.signal } : {}
}

function refusal(
  code: 'ERR_TOO_MANY_REDIRECTS' | 'ERR_CROSS_ORIGIN_REDIRECT' | 'ERR_BODY_NOT_REPLAYABLE',
  from: URL,
  target?: URL | null,
): AttachError {
  if (code === 'ERR_TOO_MANY_REDIRECTS') {
    return new AttachError(code, `${from.origin} redirected more than ${MAX_REDIRECTS} times`, {
      phase: 'attach',
    })
  }
  if (code === 'ERR_BODY_NOT_REPLAYABLE') {
    const message = `${from.origin} redirected a call whose body can be sent only once`
    return new AttachError(code, message, {
      phase: 'attach',
      hint: 'Send a string, bytes or a form, or call the final address',
    })
  }
  const where = target === null || target === undefined ? 'nowhere' : target.origin
  return new AttachError(
    code,
    `${from.origin} redirected to ${where}, where the token does not belong`,
    {
      phase: 'attach',
      hint: "Call the final address itself, or pass redirect: 'manual' and follow it without a token",
    },
  )
}
