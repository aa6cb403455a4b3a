import type { ClientCredentialsSettings } from './client-credentials-options.ts'
import { tokenAuthentication } from './token-authentication.ts'

/**
 * A text that changes when a client's credential does, and from which it cannot be found.
 *
 * Which way a secret takes, Basic or post, makes no other credential, and may not be known yet.
 */
export async function settingsFingerprint(settings: ClientCredentialsSettings): Promise<string> {
  const own = await tokenAuthentication(settings).fingerprint()
  return settings.grant === undefined ? own : `${await settings.grant.fingerprint()} ${own}`
}
