import { isTokenRefused } from './refused-token.ts'

/**
 * {@link isTokenRefused} for HTTP libraries that have no `Response`: a status, and the value of
 * `WWW-Authenticate` as they give it.
 */
export function isAnswerRefusal(status: number, challenge: unknown): boolean {
  if (status !== 401) return false
  const headers = new Headers()
  try {
    for (const value of Array.isArray(challenge) ? challenge : [challenge]) {
      if (typeof value === 'string') headers.append('www-authenticate', value)
    }
  } catch {
    // A value that no header can have cannot be understood as a challenge.
    return false
  }
  return isTokenRefused(new Response(null, { status, headers }))
}
