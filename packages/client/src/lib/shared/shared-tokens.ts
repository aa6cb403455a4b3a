import type { TokenSharing } from '../create-client.ts'
import type { ClientCredentialsSettings } from '../grants/client-credentials-options.ts'
import { settingsFingerprint } from '../grants/settings-fingerprint.ts'
import { askedToken } from '../grants/token-variation.ts'
import { sharedAsking } from './shared-asking.ts'
import { sharingSettings, type SharingOptions } from './sharing-options.ts'
import type { TokenOwner } from './token-cache-key.ts'

/**
 * Lets a client share its tokens with the other processes of its fleet: for `share` of `createClient`.
 *
 * Everything that makes a token what it is goes into the key it is kept under, the credential's
 * fingerprint included. With another secret a process looks for other tokens, and what was shared
 * under the former one ages out. See {@link shared} for what sharing promises.
 *
 * With `dpop`, a token is bound to a key, and by default each process has a key of its own: then
 * each has tokens of its own, and nothing is shared. Give all processes one key to share tokens. The
 * key itself never goes into the store.
 *
 * `now` and `onEvent` are by default those of the client. Throws: `ArgumentError`.
 *
 * @example
 * const auth = createClient({
 *   issuer: 'https://auth.example.com',
 *   clientId: 'billing',
 *   clientSecret: fromEnv('CLIENT_SECRET'),
 *   share: sharedTokens({ store: redisTokenStore({ client: redis }), keys: [storeKey] }),
 * })
 */
export function sharedTokens(options: SharingOptions): TokenSharing {
  const sharing = sharingSettings('sharedTokens', options)
  return (source, { asked, settings }) => {
    const { quirks, senderConstraint } = settings
    return sharedAsking(source, {
      ...sharing,
      now: options.now ?? settings.now,
      onEvent: options.onEvent ?? settings.onEvent,
      senderConstraint,
      presentation: quirks.presentation,
      identify: async (request) => ({
        owner: await ownerOf(settings),
        asked: askedToken('getToken', request, asked),
      }),
    })
  }
}

async function ownerOf(settings: ClientCredentialsSettings): Promise<TokenOwner> {
  const { issuer, tokenEndpoint, clientId, clientAuthentication, senderConstraint } = settings
  return {
    issuer,
    tokenEndpoint: tokenEndpoint?.href,
    clientId,
    authMethod: clientAuthentication?.method ?? settings.authMethod ?? 'client_secret',
    credential: await settingsFingerprint(settings),
    binding: await senderConstraint?.binding(),
    grantType: settings.quirks.grantType ?? settings.grant?.type,
  }
}
