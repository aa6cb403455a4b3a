import { readBoundedText } from '@countersign/protocol'
import { LoadFailure } from './load-failure.ts'
import { readRetryAfter } from './retry-after.ts'

/** A document as its server sent it. */
export interface FetchedText {
  /** `undefined` when the server says that the document named by `etag` still stands (304). */
  readonly body: string | undefined
  readonly etag: string | undefined
  /** How long the server lets it be kept from now on, milliseconds; `undefined` where it does not say. */
  readonly maxAge: number | undefined
}

export interface FetchTextOptions {
  readonly fetch: typeof globalThis.fetch
  readonly accept: string
  /** Whether a document of that media type is wanted; given in lower case, without parameters. */
  readonly isWanted: (mediaType: string) => boolean
  /** Longest document that is read, in bytes. */
  readonly maxBytes: number
  /** Ends the request and the reading of its body. */
  readonly signal: AbortSignal
  /** Entity tag of the held document, for a conditional request. */
  readonly etag?: string | undefined
  /** Asks caches on the way for the current document. */
  readonly force?: boolean
}

/**
 * Fetches a document of text, with caps before anybody parses it: so many bytes, no redirects, the wanted
 * media types only.
 *
 * A connection that breaks before there is an answer is tried once more: it may have been kept alive
 * here, and closed over there.
 *
 * Throws: `LoadFailure`, whatever went wrong.
 * Source: RFC 9110 sections 8.8.3, 9.2.2 and 13.1.2; RFC 9111 sections 4.2 and 5.2.
 */
export async function fetchText(
  url: string,
  { fetch, accept, isWanted, maxBytes, signal, etag, force = false }: FetchTextOptions,
): Promise<FetchedText> {
  const headers: Record<string, string> = { accept }
  if (etag !== undefined) headers['if-none-match'] = etag
  if (force) headers['cache-control'] = 'no-cache'
  const response = await firstAnswer(
    () => fetch(url, { headers, redirect: 'manual', signal }),
    signal,
  )
  const maxAge = readMaxAge(response.headers)
  if (response.status === 304 && etag !== undefined) {
    discard(response)
    return { body: undefined, etag, maxAge }
  }
  const fault = findFault(response, isWanted)
  if (fault !== undefined) {
    discard(response)
    throw new LoadFailure(fault, readRetryAfter(response.headers.get('retry-after')))
  }
  let body: string | undefined
  try {
    body = await readBoundedText(response.body, maxBytes)
  } catch (error) {
    throw failureOf(error, signal)
  }
  if (body === undefined) throw new LoadFailure('too_large')
  return { body, etag: response.headers.get('etag') ?? undefined, maxAge }
}

async function firstAnswer(ask: () => Promise<Response>, signal: AbortSignal): Promise<Response> {
  for (let isLast = false; ; isLast = true) {
    try {
      return await ask()
    } catch (error) {
      const failure = failureOf(error, signal)
      if (isLast || failure.fault !== 'network') throw failure
    }
  }
}

/** A `fetch` that is choosy about where it goes says itself what was wrong. */
function failureOf(error: unknown, signal: AbortSignal): LoadFailure {
  if (error instanceof LoadFailure) return error
  return new LoadFailure(signal.aborted ? 'timeout' : 'network')
}

function findFault(
  response: Response,
  isWanted: (mediaType: string) => boolean,
): 'redirect' | 'status' | 'content_type' | undefined {
  const { status, redirected, type } = response
  if (redirected || type === 'opaqueredirect' || (status >= 300 && status < 400)) return 'redirect'
  if (status !== 200) return 'status'
  const [mediaType = ''] = (response.headers.get('content-type') ?? '').toLowerCase().split(';', 1)
  return isWanted(mediaType.trim()) ? undefined : 'content_type'
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}

/** What is left of `max-age`: a cache on the way may have held the document for most of it. */
function readMaxAge(headers: Headers): number | undefined {
  const cacheControl = headers.get('cache-control')
  if (cacheControl === null) return undefined
  if (/(?:^|[\s,])no-(?:store|cache)(?:[\s,]|$)/i.test(cacheControl)) return 0
  const seconds = /(?:^|[\s,])max-age="?(\d{1,10})/i.exec(cacheControl)?.[1]
  if (seconds === undefined) return undefined
  const age = /^\d{1,10}$/.exec(headers.get('age') ?? '')?.[0] ?? 0
  return Math.max(0, Number(seconds) - Number(age)) * 1000
}
