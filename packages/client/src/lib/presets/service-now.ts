import { assertKnownOptions } from '@countersign/protocol'
import type { Preset } from './preset.ts'
import { hostName } from './provider-address.ts'

/** A ServiceNow instance. */
export interface ServiceNowOptions {
  /** `shop.service-now.com`, or the instance's custom host name. */
  readonly instance: string
}

/**
 * ServiceNow. It may give the same token again with a longer life while one is valid: that is taken
 * as it comes. The instance must allow the grant: property
 * `glide.oauth.inbound.client.credential.grant_type.enabled`, and an OAuth application user.
 *
 * Throws: `ArgumentError`. Source: ServiceNow documentation, "Manage OAuth tokens"; KB0791140.
 */
export function serviceNow(options: ServiceNowOptions): Preset {
  assertKnownOptions('serviceNow', options, ['instance'])
  const instance = hostName('serviceNow', 'instance', options.instance, 'shop.service-now.com')
  return {
    tokenEndpoint: `https://${instance}/oauth_token.do`,
    authMethod: 'client_secret_post',
    quirks: { defaultLifetime: 1_800_000 },
  }
}
