import { parseChallenges, type Challenge } from '@countersign/protocol'
import { CommandFailure } from '../errors/command-failure.ts'

/** Longest header that is looked at. */
const MAX_HEADER = 8192

/**
 * What an API's failing answer means and what to do, as far as status and `WWW-Authenticate` say.
 *
 * Countersign's own guards are known by their constant texts, so their reasons are explained in full.
 * Source: RFC 6750 section 3.1; RFC 9110 section 15.
 */
export async function apiFailure(response: Response): Promise<CommandFailure> {
  const { status, statusText } = response
  const challenge = bearerChallenge(response.headers.get('www-authenticate') ?? '')
  const error = challenge?.parameters.get('error')
  const description = challenge?.parameters.get('error_description')
  const scope = challenge?.parameters.get('scope')
  const guardReason = description === undefined ? undefined : await reasonOf(description)
  const meaning =
    guardReason?.meaning ?? (error === undefined ? undefined : MEANINGS[error]) ?? description
  const said = [`${status} ${statusText}`.trim(), ...(error === undefined ? [] : [error])]
  const message = `the API answered ${said.join(', ')}${meaning === undefined ? '' : `: ${meaning}`}`
  const cure = guardReason?.cure ?? cureOf(status, error)
  return new CommandFailure('api', message, {
    code: error ?? `http_${status}`,
    cure: scope === undefined || status !== 403 ? cure : `${cure} It wants: ${scope}`,
  })
}

function bearerChallenge(header: string): Challenge | undefined {
  if (header === '' || header.length > MAX_HEADER) return undefined
  const challenges = parseChallenges(header)
  if (!challenges.ok) return undefined
  return challenges.value.find(({ scheme }) => /^(bearer|dpop)$/i.test(scheme))
}

async function reasonOf(
  description: string,
): Promise<{ readonly meaning: string; readonly cure: string } | undefined> {
  const { DENIAL_REASONS } = await import('@countersign/guard')
  return Object.values(DENIAL_REASONS).find((one) => one.description === description)
}

const MEANINGS: Readonly<Record<string, string>> = {
  invalid_token: 'The token is expired, revoked, malformed, or for another API.',
  insufficient_scope: 'The token is good, and lacks a scope that this call needs.',
  invalid_request: 'The API could not read the request or its token.',
}

function cureOf(status: number, error: string | undefined): string {
  if (error === 'invalid_token' || status === 401) {
    return 'Compare the token with what the API wants: countersign token | countersign inspect -'
  }
  if (error === 'insufficient_scope' || status === 403) {
    return 'Have the scope granted to the client, and ask for it with --scope.'
  }
  if (status === 404) return 'Check the path of the URL'
  if (status === 405) return 'Check the method: --request METHOD'
  if (status === 429 || status >= 500) return 'Try again later, or look at the log of the API'
  return 'Read the answer of the API'
}
