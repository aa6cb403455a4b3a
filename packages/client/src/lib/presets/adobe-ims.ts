import { assertKnownOptions } from '@countersign/protocol'
import { demandedScopes, type Preset } from './preset.ts'

/** An Adobe Developer Console project with an OAuth Server-to-Server credential. */
export interface AdobeImsOptions {
  /** As the project's credential lists them, such as `['openid', 'AdobeID', 'read_organizations']`. */
  readonly scope: string | readonly string[]
}

/**
 * Adobe's identity service. Scopes stand between commas on the wire. It slows down apps that ask for
 * tokens too often: keep one client and let it hold its token.
 *
 * Throws: `ArgumentError`. Source: Adobe Developer Console, "OAuth Server-to-Server credential".
 */
export function adobeIms(options: AdobeImsOptions): Preset {
  assertKnownOptions('adobeIms', options, ['scope'])
  return {
    tokenEndpoint: 'https://ims-na1.adobelogin.com/ims/token/v3',
    authMethod: 'client_secret_post',
    scope: demandedScopes('adobeIms', options.scope, "the credential's scopes, from its page"),
    quirks: { scopeSeparator: ',' },
  }
}
