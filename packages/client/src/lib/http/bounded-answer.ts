import { readBoundedText } from '@countersign/protocol'
import { networkFailure } from '../errors/network-failure.ts'
import { PeerError, type ErrorPhase } from '../errors/token-error.ts'
import { waitFor } from '../reuse/wait-for.ts'
import { deadline } from './deadline.ts'
import type { FetchFunction } from './fetch-function.ts'

/** An answer read to its end, within bounds. */
export interface BoundedAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Largest answer that is read, in bytes. */
const MAX_ANSWER = 1_048_576

/**
 * One HTTP exchange with an authorization server: one deadline from first byte to last, redirects
 * refused, the body capped.
 *
 * Throws: `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_RESPONSE_REDIRECT`, `ERR_RESPONSE_TOO_LARGE`. When
 * `signal` is aborted, rejects with its reason.
 */
export async function boundedAnswer(
  url: URL,
  init: RequestInit,
  {
    fetch,
    timeout,
    phase,
    signal,
  }: {
    readonly fetch: FetchFunction
    readonly timeout: number
    readonly phase: ErrorPhase
    readonly signal?: AbortSignal | undefined
  },
): Promise<BoundedAnswer> {
  const time = deadline(timeout)
  const ends = signal === undefined ? time.signal : AbortSignal.any([signal, time.signal])
  const exchange = async (): Promise<readonly [Response, string | undefined]> => {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: ends })
    if (!isRedirect(response)) return [response, await readBoundedText(response.body, MAX_ANSWER)]
    // An answer that is not going to be read must not hold its connection.
    response.body?.cancel().catch(() => {})
    return [response, undefined]
  }
  let response: Response
  let text: string | undefined
  try {
    // A `fetch` of the caller's own may not look at its signal.
    ;[response, text] = await waitFor(exchange(), ends)
  } catch (rejection) {
    if (signal?.aborted === true) throw signal.reason
    throw networkFailure(rejection, { url, phase, timeout })
  } finally {
    time.clear()
  }
  if (isRedirect(response)) throw redirected(url, response, phase)
  if (text === undefined) {
    throw new PeerError('ERR_RESPONSE_TOO_LARGE', `${url.origin} answered with more than 1 MiB`, {
      phase,
      status: response.status,
      hint: 'Check the address: token and metadata answers are small',
    })
  }
  return { status: response.status, headers: response.headers, text }
}

function isRedirect(response: Response): boolean {
  return response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)
}

function redirected(url: URL, response: Response, phase: ErrorPhase): PeerError {
  const target = URL.parse(response.headers.get('location') ?? '', url)
  const where = target === null ? '' : ` to ${target.origin}`
  return new PeerError('ERR_RESPONSE_REDIRECT', `${url.origin} answered with a redirect${where}`, {
    phase,
    status: response.status,
    hint: 'Redirects are not followed with credentials: configure the final address',
  })
}
