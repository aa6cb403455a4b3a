import { ArgumentError, assertKnownOptions, requiredString } from '@countersign/protocol'
import { scopesOf, type Preset } from './preset.ts'

/** A Twitch application. */
export interface TwitchOptions {
  /** The application's id: it goes with every API call, so the preset needs it. */
  readonly clientId: string
  /** Most calls of an application need none. */
  readonly scope?: string | readonly string[]
}

/**
 * Twitch's Helix API with an app access token. Each call carries `Client-Id` beside the token; the
 * preset sees to it, and gives `clientId` to the client too.
 *
 * Throws: `ArgumentError`. Source: Twitch Developers, "Getting OAuth Access Tokens".
 */
export function twitch(options: TwitchOptions): Preset & { readonly clientId: string } {
  assertKnownOptions('twitch', options, ['clientId', 'scope'])
  const clientId = requiredString('twitch', 'clientId', options.clientId)
  if (!/^[a-z0-9]+$/i.test(clientId)) {
    const message = "twitch: 'clientId' must be letters and digits: it goes into a header"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'clientId', message)
  }
  const scope = scopesOf('twitch', options['scope'])
  return {
    tokenEndpoint: 'https://id.twitch.tv/oauth2/token',
    clientId,
    authMethod: 'client_secret_post',
    quirks: {
      presentation: {
        header: 'authorization',
        scheme: 'Bearer',
        headers: { 'client-id': clientId },
      },
    },
    ...(scope.length > 0 && { scope }),
  }
}
