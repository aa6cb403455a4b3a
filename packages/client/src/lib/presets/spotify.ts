import type { Preset } from './preset.ts'

/**
 * Spotify's Web API, for what belongs to no user. It has no scopes for this grant, and reads Basic
 * credentials as they are.
 *
 * Source: Spotify for Developers, "Client Credentials Flow".
 */
export function spotify(): Preset {
  return {
    tokenEndpoint: 'https://accounts.spotify.com/api/token',
    authMethod: 'client_secret_basic',
    basicEncoding: 'raw',
  }
}
