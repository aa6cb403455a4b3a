import { parseChallenges, type Challenge } from '@countersign/protocol'

/** Longest header that is looked at. */
const MAX_HEADER = 8192

/**
 * The challenges in an answer's headers, none where there is no such header; `undefined` where they
 * cannot be read or are longer than 8192 characters.
 */
export function challengesOf(headers: Headers): readonly Challenge[] | undefined {
  const header = headers.get('www-authenticate') ?? ''
  if (header.length > MAX_HEADER) return undefined
  const challenges = parseChallenges(header)
  return challenges.ok ? challenges.value : undefined
}
