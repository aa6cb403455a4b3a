import { requiredString } from '@countersign/protocol'
import { CredentialError } from '../errors/token-error.ts'
import type { SecretSource } from './secret-source.ts'

/**
 * A secret out of an environment variable, read at each token request.
 *
 * Throws when used: `ERR_CREDENTIAL` where the variable is missing or empty, or where the runtime
 * has no environment.
 *
 * @example clientSecret: fromEnv('CLIENT_SECRET')
 */
export function fromEnv(name: string): SecretSource {
  const variable = requiredString('fromEnv', 'name', name)
  return () => {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
    const secret = process?.env?.[variable]
    if (secret !== undefined && secret !== '') return secret
    throw new CredentialError('ERR_CREDENTIAL', `environment variable ${variable} is not set`, {
      phase: 'credential',
      hint: `Set ${variable} to the client secret`,
    })
  }
}
