import type { JsonObject } from '@countersign/protocol'
import { fromRequest } from './incoming-request.ts'
import { UNKNOWN_CONNECTION, type Connection, type Received } from './connection.ts'

/** An HTTP answer before it is a `Response`: the body is whole and a string. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Headers of what must stay in no cache. Source: RFC 6749 section 5.1. */
export const NO_STORE: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
}

/** An answer with a JSON body. */
export function jsonAnswer(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = NO_STORE,
): Answer {
  return {
    status,
    // One object for them all where nothing is added: copying it costs as much as the JSON of a token.
    headers: headers === NO_STORE ? JSON_NO_STORE : { ...JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const JSON_NO_STORE = { ...JSON_TYPE, ...NO_STORE }

/** Gives an answer to a request, in a promise only where something must be waited for. */
export type Answerer = (received: Received) => Answer | Promise<Answer>

/** A web-standard `fetch` that may be told of the connection. */
export type FetchHandler = (request: Request, connection?: Connection) => Promise<Response>

/** A web-standard `fetch` of an answerer. */
export function toFetch(answerer: Answerer): FetchHandler {
  const fetch: FetchHandler = async (request, connection = UNKNOWN_CONNECTION) => {
    const { status, headers, body } = await answerer({ request: fromRequest(request), connection })
    // An answer without a body, such as 304, may have none, not even an empty one.
    return new Response(body === '' ? null : body, { status, headers })
  }
  answerers.set(fetch, answerer)
  return fetch
}

/**
 * The answerer that a `fetch` was made of by {@link toFetch}; `undefined` for any other.
 *
 * A listener that writes to a socket asks it directly: making a `Response` and reading the string back
 * out of it costs as much as the signature of a token.
 */
export function answererOf(fetch: unknown): Answerer | undefined {
  return answerers.get(fetch as FetchHandler)
}

const answerers = new WeakMap<FetchHandler, Answerer>()

/** The answer to a request that says not even where to. Source: RFC 9112 section 3.2. */
export const MALFORMED: Answer = jsonAnswer(400, {
  error: 'invalid_request',
  error_description: 'the request line or the Host header is malformed',
})
