import type { ClientAuthentication } from '../client-authentication/client-authentication.ts'
import { clientSecret, type ClientSecretMethod } from '../client-authentication/client-secret.ts'
import type { ClientCredentialsSettings } from './client-credentials-options.ts'

/**
 * How a client with these settings proves who it is. `otherwise` chooses the way a secret takes where
 * the settings do not say; default Basic.
 */
export function tokenAuthentication(
  {
    clientAuthentication,
    clientSecret: source,
    basicEncoding,
    authMethod,
  }: ClientCredentialsSettings,
  otherwise?: () => ClientSecretMethod,
): ClientAuthentication {
  if (clientAuthentication !== undefined) return clientAuthentication
  if (source === undefined) throw new TypeError('settings without a credential')
  const method = authMethod ?? otherwise?.() ?? 'client_secret_basic'
  return clientSecret(method, { clientSecret: source, basicEncoding })
}
