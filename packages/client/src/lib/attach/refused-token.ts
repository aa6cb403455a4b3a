import { challengesOf } from '../http/challenges.ts'

/**
 * Whether a 401 says that the token was at fault, so that another token may help.
 *
 * Yes for `error="invalid_token"` in a Bearer or DPoP challenge, for such a challenge without any
 * error, and for a 401 without a challenge at all, as many APIs answer. No for other errors and for
 * challenges of other schemes only. Where there are challenges of the token's own type, those of the
 * other type say nothing about it. A 403 is never about the token's life.
 * Source: RFC 6750 section 3.1; RFC 9449 section 7.1; RFC 9110 section 15.5.2.
 */
export function isTokenRefused(response: Response, type: 'Bearer' | 'DPoP' = 'Bearer'): boolean {
  if (response.status !== 401) return false
  const challenges = challengesOf(response.headers)
  if (challenges === undefined) return false
  if (challenges.length === 0) return true
  const ofTokens = challenges.filter(({ scheme }) => /^(bearer|dpop)$/i.test(scheme))
  const own = ofTokens.filter(({ scheme }) => scheme.toLowerCase() === type.toLowerCase())
  return (own.length > 0 ? own : ofTokens).some(({ parameters }) => {
    const error = parameters.get('error')
    return error === undefined || error === 'invalid_token'
  })
}
