import { challengesOf } from '../http/challenges.ts'

/**
 * The error code in a resource's DPoP challenge; `undefined` where it names none.
 *
 * The header is parsed, not searched: an error that another scheme's challenge quotes is not ours.
 * Source: RFC 9449 sections 7.1 and 9.
 */
export function dpopChallengeError(status: number, headers: Headers): string | undefined {
  if (status !== 401) return undefined
  return challengesOf(headers)
    ?.filter(({ scheme }) => scheme.toLowerCase() === 'dpop')
    .map(({ parameters }) => parameters.get('error'))
    .find((error) => error !== undefined)
}
