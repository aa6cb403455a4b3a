import { TokenError } from './errors/token-error.ts'
import { waitFor } from './reuse/wait-for.ts'
import type { TokenKeeper } from './reuse/keep-token.ts'
import type { TokenSource } from './token-source.ts'

/** A source that can be ended. */
export interface Closable {
  /** What was put around the source. */
  readonly arranged: TokenKeeper
  readonly source: TokenSource
  /** Ends requests under way, and refuses further ones: all reject with `ERR_CLOSED`. */
  readonly close: () => Promise<void>
}

/**
 * Makes a source closable. `arrange` puts around the given source what is to keep its tokens.
 *
 * What ends a request is made with the request: some platforms allow nothing of the kind while a
 * module is loaded, and let no request touch what another one made.
 */
export function closable(
  asking: TokenSource,
  arrange: (source: TokenSource) => TokenKeeper,
): Closable {
  const underWay = new Set<AbortController>()
  let closed = false

  const arranged = arrange(async (request = {}) => {
    // Whoever waits between two tries comes back here.
    if (closed) throw closedError()
    const ending = new AbortController()
    underWay.add(ending)
    const signal =
      request.signal === undefined
        ? ending.signal
        : AbortSignal.any([request.signal, ending.signal])
    try {
      return await waitFor(asking({ ...request, signal }), ending.signal)
    } finally {
      underWay.delete(ending)
    }
  })
  return {
    arranged,
    source: (request) => (closed ? Promise.reject(closedError()) : arranged.source(request)),
    async close() {
      closed = true
      for (const ending of underWay) ending.abort(closedError())
    },
  }
}

function closedError(): TokenError {
  return new TokenError('ERR_CLOSED', 'the client is closed', { phase: 'token' })
}
