import { clientSecret } from '../client-authentication/client-secret.ts'
import type { ClientCredentialsSettings } from './client-credentials-options.ts'

/**
 * A text that changes when a client's credential does, and from which it cannot be found.
 *
 * Which way a secret takes, Basic or post, makes no other credential, and may not be known yet.
 */
export async function settingsFingerprint(settings: ClientCredentialsSettings): Promise<string> {
  const { clientAuthentication, clientSecret: source, basicEncoding } = settings
  if (clientAuthentication !== undefined) return clientAuthentication.fingerprint()
  if (source === undefined) return ''
  return clientSecret('client_secret_basic', { clientSecret: source, basicEncoding }).fingerprint()
}
