import { TokenError } from './errors/token-error.ts'
import { waitFor } from './reuse/wait-for.ts'
import type { TokenKeeper } from './reuse/keep-token.ts'
import type { TokenSource } from './token-source.ts'

/** What keeps tokens, and can be ended. */
export interface Closable extends TokenKeeper {
  /** Ends requests under way, and refuses further ones: all reject with `ERR_CLOSED`. */
  readonly close: () => Promise<void>
}

/**
 * Makes what keeps tokens closable. `arrange` is given what ends a source, to put around every one it
 * keeps: outside of retries, so that no wait between two tries outlasts the end.
 *
 * What ends a request is made with the request: some platforms allow nothing of the kind while a
 * module is loaded, and let no request touch what another one made.
 */
export function closable(
  arrange: (endable: (source: TokenSource) => TokenSource) => TokenKeeper,
): Closable {
  const underWay = new Set<AbortController>()
  let closed = false

  const arranged = arrange((source) => async (request = {}) => {
    const ending = new AbortController()
    underWay.add(ending)
    const signal =
      request.signal === undefined
        ? ending.signal
        : AbortSignal.any([request.signal, ending.signal])
    try {
      return await waitFor(source({ ...request, signal }), ending.signal)
    } finally {
      underWay.delete(ending)
    }
  })
  return {
    source: (request) => (closed ? Promise.reject(closedError()) : arranged.source(request)),
    peek: () => (closed ? undefined : arranged.peek()),
    status: arranged.status,
    async close() {
      closed = true
      for (const ending of underWay) ending.abort(closedError())
    },
  }
}

function closedError(): TokenError {
  return new TokenError('ERR_CLOSED', 'the client is closed', { phase: 'token' })
}
