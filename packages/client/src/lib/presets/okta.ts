import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import type { ClientAuthentication } from '../client-authentication/client-authentication.ts'
import { demandedScopes, secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { hostName, pathPart } from './provider-address.ts'

/** A custom authorization server of an Okta organization. */
export interface OktaOptions extends ProofOptions {
  /** `shop.okta.com`, or the organization's custom domain. */
  readonly domain: string
  /** The server's id. Default `default`. */
  readonly authorizationServer?: string
  /** At least one custom scope: Okta gives machines no token without, and none of `openid` and kin. */
  readonly scope: string | readonly string[]
}

/**
 * Okta's custom authorization servers. Where the app demands DPoP, add `senderConstraint: dpop()`.
 *
 * Throws: `ArgumentError`. Source: Okta developer documentation, "Implement the Client Credentials flow".
 */
export function okta(options: OktaOptions): Preset {
  assertKnownOptions('okta', options, [
    'domain',
    'authorizationServer',
    'scope',
    'clientAuthentication',
  ])
  const { authorizationServer = 'default', clientAuthentication }: OktaOptions = options
  const domain = hostName('okta', 'domain', options.domain, 'shop.okta.com')
  const server = pathPart('okta', 'authorizationServer', authorizationServer)
  const cure = "a custom scope of the authorization server, from its 'Scopes' tab"
  return {
    tokenEndpoint: `https://${domain}/oauth2/${server}/v1/token`,
    scope: demandedScopes('okta', options.scope, cure),
    ...secretOrProof('client_secret_basic', clientAuthentication),
  }
}

/** The organization's own authorization server, for Okta's APIs. */
export interface OktaOrgOptions {
  /** `shop.okta.com`, or the organization's custom domain. */
  readonly domain: string
  /** `okta.users.read` and so on, as granted to the app. */
  readonly scope: string | readonly string[]
  /** `privateKeyJwt(…)`: this server takes no secret from a service app. */
  readonly clientAuthentication: ClientAuthentication
}

/**
 * Okta's org authorization server, for Okta's own APIs: a private key only, tokens of one hour.
 *
 * The assertion is addressed to the token endpoint, as Okta demands, since no issuer is given.
 * Throws: `ArgumentError`. Source: Okta developer documentation, "Implement OAuth for Okta with a
 * service app".
 */
export function oktaOrg(options: OktaOrgOptions): Preset {
  assertKnownOptions('oktaOrg', options, ['domain', 'scope', 'clientAuthentication'])
  const { clientAuthentication }: OktaOrgOptions = options
  const domain = hostName('oktaOrg', 'domain', options.domain, 'shop.okta.com')
  const scope = demandedScopes('oktaOrg', options.scope, 'such as okta.users.read')
  const other = scope.findIndex((one) => !one.startsWith('okta.'))
  if (other !== -1) {
    const message = `oktaOrg: 'scope[${other}]' must be one of Okta's own, such as okta.users.read; for your APIs use okta()`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', `scope[${other}]`, message)
  }
  if (clientAuthentication === undefined) {
    const message =
      "oktaOrg: 'clientAuthentication' is required: Okta's org server takes privateKeyJwt(…) only"
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'clientAuthentication', message)
  }
  return { tokenEndpoint: `https://${domain}/oauth2/v1/token`, scope, clientAuthentication }
}
