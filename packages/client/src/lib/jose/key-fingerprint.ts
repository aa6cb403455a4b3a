import { CredentialError } from '../errors/token-error.ts'
import { jwkThumbprint, type PublicJwk } from './public-jwk.ts'

/**
 * Names a key: by its thumbprint, by its `kid` where the public half is not known, and at random,
 * for this process only, where neither is.
 */
export async function keyFingerprint(
  alg: string,
  jwk: PublicJwk | undefined,
  kid: string | undefined,
): Promise<string> {
  if (jwk !== undefined) return `jkt:${await jwkThumbprint(jwk)}`
  return kid === undefined ? `key:${crypto.randomUUID()}` : `kid:${alg}:${kid}`
}

/** A key that cannot be used. Foreign errors are not kept: they may quote it. */
export function unusableKey(message: string, hint?: string): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', message, { phase: 'credential', hint })
}
