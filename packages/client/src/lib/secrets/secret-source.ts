import { CredentialError, isTokenError } from '../errors/token-error.ts'

/**
 * Where a client secret comes from. Called at each token request, so a secret that is replaced in
 * its place is used from the next request on.
 */
export type SecretSource = () => string | Promise<string>

/**
 * The secret of a source right now.
 *
 * Throws: `CredentialError` when the source fails or gives nothing. What the source threw is not
 * kept, unless it is an error of this package: foreign errors may quote the secret.
 */
export async function readSecret(source: SecretSource): Promise<string> {
  let secret: unknown
  try {
    secret = await source()
  } catch (error) {
    if (isTokenError(error)) throw error
    throw new CredentialError('ERR_CREDENTIAL', 'the source of clientSecret failed', {
      phase: 'credential',
      hint: 'Run the source by itself to see why',
    })
  }
  if (typeof secret === 'string' && secret !== '') return secret
  throw new CredentialError('ERR_CREDENTIAL', 'the source of clientSecret gave no secret', {
    phase: 'credential',
    hint: 'It must give a string that is not empty',
  })
}
