import { assertKnownOptions } from '@countersign/protocol'
import { scopesOf, type Preset } from './preset.ts'
import { hostName } from './provider-address.ts'

/** An Amazon Cognito user pool. */
export interface CognitoOptions {
  /** The pool's domain: `shop.auth.eu-west-1.amazoncognito.com`, or a custom one. */
  readonly domain: string
  /** `<resource server>/<scope>`; default: all that the app client may have. */
  readonly scope?: string | readonly string[]
}

/**
 * Amazon Cognito. Each token is paid for: keep one client and let it hold its token.
 *
 * Throws: `ArgumentError`. Source: Amazon Cognito Developer Guide, "The token issuer endpoint".
 */
export function cognito(options: CognitoOptions): Preset {
  assertKnownOptions('cognito', options, ['domain', 'scope'])
  const example = 'shop.auth.eu-west-1.amazoncognito.com'
  const domain = hostName('cognito', 'domain', options.domain, example)
  const scope = scopesOf('cognito', options['scope'])
  return {
    tokenEndpoint: `https://${domain}/oauth2/token`,
    authMethod: 'client_secret_basic',
    ...(scope.length > 0 && { scope }),
  }
}
