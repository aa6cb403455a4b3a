import { CredentialError } from './token-error.ts'

/** A credential of the client's own that cannot be used. Foreign errors are not kept: they may quote it. */
export function credentialFailure(message: string, hint?: string): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', message, { phase: 'credential', hint })
}
