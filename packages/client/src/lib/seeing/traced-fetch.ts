import { ArgumentError, assertKnownOptions, optionalString } from '@countersign/protocol'
import type { AuthorizedFetch } from '../attach/authorized-fetch.ts'
import { inSpan } from './in-span.ts'
import { SPAN_KIND_INTERNAL, SPAN_STATUS_ERROR, type TelemetryTracer } from './opentelemetry-api.ts'
import { serverAttributes } from './server-attributes.ts'
import { tracerOf } from './traced.ts'

/** What calls are traced with. */
export interface TracedFetchOptions {
  /** OpenTelemetry's, such as `trace.getTracer('billing')`. */
  readonly tracer: TelemetryTracer
  /** Name of the spans. Default `authorized call`. */
  readonly name?: string
}

const TRACED_FETCH_OPTIONS: readonly (keyof TracedFetchOptions)[] = ['tracer', 'name']

/** Methods that are told as they are: a method may be any word. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])

/**
 * An authorized `fetch` with a span around each call: waiting for the token, the call, and the second
 * try after a refusal.
 *
 * The span is active meanwhile, so the spans of {@link traced} and of a traced `fetch` hang below it.
 * It ends when the answer's head is there.
 *
 * Attributes: `http.request.method`, `server.address`, `server.port`, `http.response.status_code`,
 * `error.type`. Neither path nor query: both may hold what must not be seen.
 *
 * Throws when made: `ArgumentError`. Rejects: as the given `fetch` does.
 */
export function tracedFetch(fetch: AuthorizedFetch, options: TracedFetchOptions): AuthorizedFetch {
  if (typeof fetch !== 'function') {
    const message = "tracedFetch: 'fetch' must be what authorizedFetch or createClient gives"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'fetch', message)
  }
  assertKnownOptions('tracedFetch', options, TRACED_FETCH_OPTIONS)
  const given: TracedFetchOptions = options
  const tracer = tracerOf('tracedFetch', given.tracer)
  const name = optionalString('tracedFetch', 'name', given.name) ?? 'authorized call'

  return (...call) => {
    const [input, init] = call
    const attributes = {
      'http.request.method': methodOf(input, init),
      ...serverAttributes(URL.parse(input instanceof Request ? input.url : input)),
    }
    return inSpan(tracer, { name, kind: SPAN_KIND_INTERNAL, attributes }, async (span) => {
      const response = await fetch(...call)
      const { status } = response
      span.setAttributes({ 'http.response.status_code': status })
      if (status >= 400) {
        span.setAttributes({ 'error.type': String(status) })
        span.setStatus({ code: SPAN_STATUS_ERROR })
      }
      return response
    })
  }
}

function methodOf(input: string | URL | Request, init: RequestInit | undefined): string {
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
  const word = String(method).toUpperCase()
  return METHODS.has(word) ? word : '_OTHER'
}
