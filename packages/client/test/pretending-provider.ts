import type { ReceivedRequest } from '@countersign/testkit'
import type { FetchFunction } from '../src/index.ts'
import { server } from './answering-endpoint.ts'

/** A loopback server that stands in for a provider. */
export interface PretendingProvider {
  /** A `fetch` that takes every call there, whatever host it is for. */
  readonly fetch: FetchFunction
  /** The addresses that were asked, as the client wrote them. */
  readonly asked: readonly string[]
  readonly requests: readonly ReceivedRequest[]
}

/** Starts a server that answers a token request with `token`, and every other call with its headers. */
export async function pretendingProvider(
  token: (form: URLSearchParams) => Response,
): Promise<PretendingProvider> {
  const asked: string[] = []
  const { origin, requests } = await server((request, { body }) =>
    request.method === 'POST'
      ? token(new URLSearchParams(body))
      : Response.json(Object.fromEntries(request.headers)),
  )
  return {
    asked,
    requests,
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      asked.push(url.href)
      return fetch(new URL(url.pathname + url.search, origin), init)
    },
  }
}
