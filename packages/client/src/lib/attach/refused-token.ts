import { parseChallenges } from '@countersign/protocol'

/** Longest header that is looked at. */
const MAX_HEADER = 8192

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
  const header = response.headers.get('www-authenticate')
  if (header === null || header.trim() === '') return true
  if (header.length > MAX_HEADER) return false
  const challenges = parseChallenges(header)
  if (!challenges.ok) return false
  const ofTokens = challenges.value.filter(({ scheme }) => /^(bearer|dpop)$/i.test(scheme))
  const own = ofTokens.filter(({ scheme }) => scheme.toLowerCase() === type.toLowerCase())
  return (own.length > 0 ? own : ofTokens).some(({ parameters }) => {
    const error = parameters.get('error')
    return error === undefined || error === 'invalid_token'
  })
}
