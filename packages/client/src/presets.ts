/**
 * What each provider needs, as options to spread into `createClient`.
 *
 * Presets are data: they make no request, and none of them weakens what the client checks.
 *
 * @module
 */
export { type Preset, type ProofOptions } from './lib/presets/preset.ts'

export { adobeIms, type AdobeImsOptions } from './lib/presets/adobe-ims.ts'
export { auth0, type Auth0Options } from './lib/presets/auth0.ts'
export type { Auth0Quota, QuotaBucket, QuotaSpans } from './lib/presets/auth0-quota.ts'
export { authentik, type AuthentikOptions } from './lib/presets/authentik.ts'
export { camunda, type CamundaOptions } from './lib/presets/camunda.ts'
export { cognito, type CognitoOptions } from './lib/presets/cognito.ts'
export { curity, type CurityOptions } from './lib/presets/curity.ts'
export {
  databricks,
  databricksAccount,
  type DatabricksAccountOptions,
  type DatabricksOptions,
} from './lib/presets/databricks.ts'
export { entra, type EntraOptions } from './lib/presets/entra.ts'
export { google, type GoogleOptions, type GoogleServiceAccountKey } from './lib/presets/google.ts'
export { hydra, type HydraOptions } from './lib/presets/hydra.ts'
export { keycloak, type KeycloakOptions } from './lib/presets/keycloak.ts'
export { okta, oktaOrg, type OktaOptions, type OktaOrgOptions } from './lib/presets/okta.ts'
export { paypal, type PaypalOptions } from './lib/presets/paypal.ts'
export { pingOne, type PingOneOptions } from './lib/presets/ping-one.ts'
export { salesforce, type SalesforceOptions } from './lib/presets/salesforce.ts'
export { serviceNow, type ServiceNowOptions } from './lib/presets/service-now.ts'
export { shopify, type ShopifyOptions } from './lib/presets/shopify.ts'
export { snowflake, type SnowflakeOptions } from './lib/presets/snowflake.ts'
export { spotify } from './lib/presets/spotify.ts'
export { twitch, type TwitchOptions } from './lib/presets/twitch.ts'
export { xsuaa, type XsuaaOptions } from './lib/presets/xsuaa.ts'
export { zitadel, type ZitadelOptions } from './lib/presets/zitadel.ts'
export { zoom, type ZoomOptions } from './lib/presets/zoom.ts'
