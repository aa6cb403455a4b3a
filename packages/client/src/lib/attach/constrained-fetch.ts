import type { AccessToken } from '../access-token.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import { constrainedTry } from './constrained-try.ts'
import { isReplayable } from './replayable-body.ts'

/** How many requests may be sent once more because of what their answer taught. */
export interface ConstraintBudget {
  left: number
}

/**
 * A `fetch` whose every request is bound to the sender as `token` is, with a proof of its own.
 *
 * A request whose answer teaches what was missing is sent once more with a fresh proof, as long as
 * `budget` lasts and its body can be sent again. The token's header is not added here.
 *
 * Rejects: as the constraint does when a proof cannot be made, and nothing is sent.
 */
export function constrainedFetch(
  fetch: FetchFunction,
  {
    token,
    budget,
    signal,
  }: {
    readonly token: AccessToken
    readonly budget: ConstraintBudget
    readonly signal: AbortSignal | undefined
  },
): FetchFunction {
  async function once(
    input: string | URL | Request,
    init: RequestInit | undefined,
  ): Promise<{ readonly response: Response; readonly again: boolean }> {
    const url = new URL(input instanceof Request ? input.url : input)
    const given = input instanceof Request ? input : undefined
    const method = sentMethod(init?.method ?? given?.method ?? 'GET')
    const tried = await constrainedTry(token, { method, url, signal })
    const headers = new Headers(init?.headers ?? given?.headers)
    for (const [name, value] of Object.entries(tried?.headers ?? {})) headers.set(name, value)
    let response: Response
    try {
      response = await fetch(input, { ...init, headers })
    } catch (error) {
      tried?.abandon()
      throw error
    }
    const again = tried?.learn(response.status, response.headers) ?? false
    return { response, again }
  }

  return async (input, init) => {
    const { response, again } = await once(input, init)
    if (!again || budget.left <= 0 || !isReplayable(input, init)) return response
    budget.left--
    // What is not read must not hold its connection.
    response.body?.cancel().catch(() => {})
    return (await once(input, init)).response
  }
}

/** The method as `fetch` writes it on the wire. Source: Fetch standard, "normalize a method". */
function sentMethod(method: string): string {
  return /^(delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method
}
