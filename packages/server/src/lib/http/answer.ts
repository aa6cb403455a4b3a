import type { JsonObject } from '@countersign/protocol'

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
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

/** Gives an answer to a request. */
export type Answerer = (request: Request) => Promise<Answer>

/** A web-standard `fetch` of an answerer. */
export function toFetch(answerer: Answerer): (request: Request) => Promise<Response> {
  const fetch = async (request: Request): Promise<Response> => {
    const { status, headers, body } = await answerer(request)
    return new Response(body, { status, headers })
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
export function answererOf(fetch: (request: Request) => unknown): Answerer | undefined {
  return answerers.get(fetch)
}

const answerers = new WeakMap<(request: Request) => unknown, Answerer>()
