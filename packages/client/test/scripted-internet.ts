import type { FetchFunction } from '../src/index.ts'

/** A `fetch` that knows only the given URLs, and what it was asked for. */
export interface ScriptedInternet {
  readonly fetch: FetchFunction
  readonly requests: readonly Request[]
}

/** What stands at each URL; anything else cannot be reached. */
export function scriptedInternet(
  pages: Readonly<Record<string, (request: Request) => Response | Promise<Response>>>,
): ScriptedInternet {
  const requests: Request[] = []
  return {
    requests,
    async fetch(input, init) {
      const request = new Request(input, init)
      requests.push(request.clone())
      const page = pages[request.url]
      if (page === undefined) throw new TypeError('fetch failed')
      return page(request)
    },
  }
}
