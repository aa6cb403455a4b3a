import { assertKnownOptions } from '@countersign/protocol'
import type { Preset } from './preset.ts'
import { hostLabel } from './provider-address.ts'

/** A Shopify shop that the app is installed in. */
export interface ShopifyOptions {
  /** The part before `.myshopify.com`. */
  readonly shop: string
}

/**
 * Shopify's Admin API. The answer has no `token_type`, its scopes stand between commas, and calls
 * carry the token alone in `X-Shopify-Access-Token`.
 *
 * Throws: `ArgumentError`. Source: Shopify.dev, "Get API access tokens for Dev Dashboard apps".
 */
export function shopify(options: ShopifyOptions): Preset {
  assertKnownOptions('shopify', options, ['shop'])
  const shop = hostLabel('shopify', 'shop', options.shop, 'my-shop, without .myshopify.com')
  return {
    tokenEndpoint: `https://${shop}.myshopify.com/admin/oauth/access_token`,
    authMethod: 'client_secret_post',
    quirks: {
      scopeSeparator: ',',
      presentation: { header: 'x-shopify-access-token', scheme: null },
    },
  }
}
