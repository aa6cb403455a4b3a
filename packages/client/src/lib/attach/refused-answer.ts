import { isTokenRefused } from './refused-token.ts'

/** The headers of an answer, from HTTP libraries that give them as an object of texts and lists. */
export function answerHeaders(given: unknown): Headers {
  const headers = new Headers()
  for (const [name, values] of Object.entries(given ?? {})) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value !== 'string') continue
      try {
        headers.append(name, value)
      } catch {
        // What no header can hold cannot be understood either.
      }
    }
  }
  return headers
}

/** {@link isTokenRefused} for HTTP libraries that have no `Response`. */
export function isAnswerRefusal(
  status: number,
  headers: Headers,
  type: 'Bearer' | 'DPoP',
): boolean {
  return status === 401 && isTokenRefused(new Response(null, { status, headers }), type)
}
