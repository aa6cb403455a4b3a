import { ServerError } from '../server-error.ts'
import { errorAnswer, newCorrelationId } from './correlation.ts'
import { jsonAnswer, MALFORMED, NO_STORE, type Answer, type Answerer } from './answer.ts'
import type { Received } from './connection.ts'

/** What answers at one path. */
export interface Route {
  /** Methods it takes; others are answered with 405. */
  readonly allow: readonly string[]
  readonly answer: (received: Received) => Answer | Promise<Answer>
  /** False for what must answer whatever state the server is in. Default true. */
  readonly waits?: boolean
}

/**
 * Answers each request by its exact path and method: 404 and 405 for the rest, all of it JSON.
 *
 * `prepare` gives a promise where a route has something to wait for first. A route that throws is a
 * fault of the server: 503 where it may pass, else 500, with no word of what happened.
 */
export function dispatcher({
  routes,
  prepare,
  onFailure,
}: {
  readonly routes: ReadonlyMap<string, Route>
  readonly prepare: () => Promise<void> | undefined
  readonly onFailure: (error: unknown, correlationId: string) => void
}): Answerer {
  // Nearly every request is for the URL of the one before it.
  let lastUrl = ''
  let lastRoute: Route | undefined

  /** `null` where the URL is none: a Host may be of the right letters and no host all the same. */
  function routeOf(url: string): Route | undefined | null {
    if (url === lastUrl) return lastRoute
    const parsed = URL.parse(url)
    if (parsed === null) return null
    const route = routes.get(parsed.pathname)
    lastUrl = url
    lastRoute = route
    return route
  }

  function failed(error: unknown): Answer {
    const correlationId = newCorrelationId()
    onFailure(error, correlationId)
    // A hook that is wrong is wrong at the next try too.
    return error instanceof ServerError && error.code !== 'ERR_CLAIMS'
      ? errorAnswer(503, { error: 'temporarily_unavailable' }, correlationId, RETRY)
      : errorAnswer(500, { error: 'server_error' }, correlationId)
  }

  return (received) => {
    const { request } = received
    try {
      const route = routeOf(request.url)
      if (route === null) return MALFORMED
      if (route === undefined) return NOT_FOUND
      if (!route.allow.includes(request.method)) {
        return jsonAnswer(
          405,
          { error: 'invalid_request', error_description: 'the method is not allowed here' },
          { ...NO_STORE, allow: route.allow.join(', ') },
        )
      }
      if (route.waits !== false) {
        const waiting = prepare()
        if (waiting !== undefined) {
          return waiting.then(() => route.answer(received)).catch(failed)
        }
      }
      const answered = route.answer(received)
      return answered instanceof Promise ? answered.catch(failed) : answered
    } catch (error) {
      return failed(error)
    }
  }
}

const NOT_FOUND = jsonAnswer(404, {
  error: 'not_found',
  error_description: 'there is nothing at this path',
})
const RETRY = { 'retry-after': '1' }
