import { assertKnownOptions } from '@countersign/protocol'
import { demanded, type Preset } from './preset.ts'

/** A Zoom account with a Server-to-Server OAuth app. */
export interface ZoomOptions {
  /** From the app's credentials page. */
  readonly accountId: string
}

/**
 * Zoom's Server-to-Server OAuth: the grant is `account_credentials`, and the account is a parameter.
 *
 * Reports differ on whether a token voids the one before it: where several processes use one app, let
 * them share a store. Throws: `ArgumentError`. Source: Zoom Developer Docs, "Server-to-Server OAuth".
 */
export function zoom(options: ZoomOptions): Preset {
  assertKnownOptions('zoom', options, ['accountId'])
  const cure = "the account's id, from the app's credentials page"
  return {
    tokenEndpoint: 'https://zoom.us/oauth/token',
    authMethod: 'client_secret_basic',
    parameters: { account_id: demanded('zoom', 'accountId', options.accountId, cure) },
    quirks: { grantType: 'account_credentials' },
  }
}
