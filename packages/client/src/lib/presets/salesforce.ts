import { assertKnownOptions, optionalFunction, parseSecureUrl } from '@countersign/protocol'
import type { Preset } from './preset.ts'
import { hostName } from './provider-address.ts'

/** A Salesforce organization. */
export interface SalesforceOptions {
  /** The My Domain host: `shop.my.salesforce.com`. `login.salesforce.com` does not serve this grant. */
  readonly domain: string
  /**
   * Hears, with each token that this process asks for, the origin that API calls must go to: the
   * answer's `instance_url`. Not with tokens out of a shared store. What it throws is dropped.
   */
  readonly onInstance?: (origin: string) => void
}

/** The shortest session that an organization can set: the answer says nothing, and this is safe. */
const SHORTEST_SESSION = 900_000

/**
 * Salesforce. Its answers have no `expires_in`: the session policy of the user that the app runs as
 * decides. Tokens are taken to live 15 minutes, the shortest session there is; raise
 * `defaultLifetime` to what your policy says. Scopes are those of the app: there is no parameter.
 *
 * Throws: `ArgumentError`. Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow for
 * Server-to-Server Integration".
 */
export function salesforce(options: SalesforceOptions): Preset {
  assertKnownOptions('salesforce', options, ['domain', 'onInstance'])
  const domain = hostName('salesforce', 'domain', options.domain, 'shop.my.salesforce.com')
  const { onInstance }: SalesforceOptions = options
  const tell = optionalFunction('salesforce', 'onInstance', onInstance, undefined)
  return {
    tokenEndpoint: `https://${domain}/services/oauth2/token`,
    authMethod: 'client_secret_post',
    quirks: {
      defaultLifetime: SHORTEST_SESSION,
      ...(tell !== undefined && {
        readAnswer: (answer) => {
          const instance = parseSecureUrl('instance_url', answer['instance_url'])
          try {
            if (instance.ok) tell(instance.value.origin)
          } catch {
            // The token is good, whatever the listener makes of it.
          }
          return answer
        },
      }),
    },
  }
}
