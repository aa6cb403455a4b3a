import { parseChallenges } from '@countersign/protocol'

/** Longest header that is looked at. */
const MAX_HEADER = 8192

/**
 * The error code in a resource's DPoP challenge; `undefined` where it names none.
 *
 * The header is parsed, not searched: an error that another scheme's challenge quotes is not ours.
 * Source: RFC 9449 sections 7.1 and 9.
 */
export function dpopChallengeError(status: number, headers: Headers): string | undefined {
  if (status !== 401) return undefined
  const header = headers.get('www-authenticate')
  if (header === null || header.length > MAX_HEADER) return undefined
  const challenges = parseChallenges(header)
  if (!challenges.ok) return undefined
  const own = challenges.value.filter(({ scheme }) => scheme.toLowerCase() === 'dpop')
  return own.map(({ parameters }) => parameters.get('error')).find((error) => error !== undefined)
}
