import { CredentialError, isTokenError } from '../errors/token-error.ts'

/**
 * Where a client secret comes from. Called at each token request, so a secret that is replaced in
 * its place is used from the next request on.
 *
 * It may give several secrets that are live at once, the one to prefer first: the others are tried,
 * once each, when the server refuses it. A source that keeps nothing may ignore what it is told.
 */
export type SecretSource = (read?: SecretRead) => SecretAnswer | Promise<SecretAnswer>

/** Why a source is asked. */
export interface SecretRead {
  /** The server has refused what this source gave: give what is there now, not what was kept. */
  readonly reread?: boolean
}

/** What a secret source gives. */
export type SecretAnswer = string | readonly string[]

/** Most secrets of one source that are tried. */
const MAX_SECRETS = 4

/**
 * The secrets of a source right now, one at least.
 *
 * Throws: `CredentialError` when the source fails or gives nothing. What the source threw is not
 * kept, unless it is an error of this package: foreign errors may quote the secret.
 */
export async function readSecrets(
  source: SecretSource,
  read: SecretRead = {},
): Promise<readonly string[]> {
  let answer: unknown
  try {
    answer = await source(read)
  } catch (error) {
    if (isTokenError(error)) throw error
    throw new CredentialError('ERR_CREDENTIAL', 'the source of clientSecret failed', {
      phase: 'credential',
      hint: 'Run the source by itself to see why',
    })
  }
  const secrets: readonly unknown[] = Array.isArray(answer)
    ? answer.slice(0, MAX_SECRETS)
    : [answer]
  if (secrets.length > 0 && secrets.every((one) => typeof one === 'string' && one !== '')) {
    return secrets as readonly string[]
  }
  throw new CredentialError('ERR_CREDENTIAL', 'the source of clientSecret gave no secret', {
    phase: 'credential',
    hint: 'It must give a string that is not empty, or a list of them',
  })
}
