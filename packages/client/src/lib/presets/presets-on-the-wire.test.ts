import { describe, expect, it } from 'vitest'
import { pretendingProvider } from '../../../test/pretending-provider.ts'
import * as presets from '../../presets.ts'
import { createClient } from '../create-client.ts'
import type { Preset } from './preset.ts'

/** What a provider sees and says: address, form beside the credentials, where those are, answer, life. */
type Exchange = readonly [
  preset: Preset,
  endpoint: string,
  form: Readonly<Record<string, string>>,
  credentials: 'basic' | 'post',
  answer: Readonly<Record<string, unknown>>,
  lifetime: number,
]

const plain = { access_token: 'at', token_type: 'Bearer', expires_in: 3600 }
const hour = 3_600_000

const EXCHANGES: readonly (readonly [string, ...Exchange])[] = [
  [
    'Adobe',
    presets.adobeIms({ scope: ['openid', 'AdobeID'] }),
    'https://ims-na1.adobelogin.com/ims/token/v3',
    { scope: 'openid,AdobeID' },
    'post',
    { access_token: 'at', token_type: 'bearer', expires_in: 86399 },
    86_399_000,
  ],
  [
    'Auth0',
    presets.auth0({ domain: 'shop.eu.auth0.com', audience: 'https://api', organization: 'org_1' }),
    'https://shop.eu.auth0.com/oauth/token',
    { audience: 'https://api', organization: 'org_1' },
    'post',
    { ...plain, scope: 'read:orders', expires_in: 86400 },
    86_400_000,
  ],
  [
    'authentik, by the secret of the provider',
    presets.authentik({ address: 'https://sso.example.com/' }),
    'https://sso.example.com/application/o/token/',
    {},
    'post',
    { ...plain, expires_in: 300 },
    300_000,
  ],
  [
    'Camunda',
    presets.camunda({ audience: 'zeebe.camunda.io' }),
    'https://login.cloud.camunda.io/oauth/token',
    { audience: 'zeebe.camunda.io' },
    'post',
    { ...plain, 'not-before-policy': 0 },
    hour,
  ],
  [
    'Cognito',
    presets.cognito({ domain: 'shop.auth.eu-west-1.amazoncognito.com', scope: 'orders/read' }),
    'https://shop.auth.eu-west-1.amazoncognito.com/oauth2/token',
    { scope: 'orders/read' },
    'basic',
    plain,
    hour,
  ],
  [
    'Databricks',
    presets.databricks({ workspace: 'dbc-a1.cloud.databricks.com' }),
    'https://dbc-a1.cloud.databricks.com/oidc/v1/token',
    { scope: 'all-apis' },
    'basic',
    { ...plain, scope: 'all-apis' },
    hour,
  ],
  [
    'a Databricks account',
    presets.databricksAccount({ accountId: 'a-1' }),
    'https://accounts.cloud.databricks.com/oidc/accounts/a-1/v1/token',
    { scope: 'all-apis' },
    'basic',
    plain,
    hour,
  ],
  [
    'Entra',
    presets.entra({ tenant: 't-1', scope: 'https://graph.microsoft.com/.default' }),
    'https://login.microsoftonline.com/t-1/oauth2/v2.0/token',
    { scope: 'https://graph.microsoft.com/.default' },
    'post',
    { ...plain, ext_expires_in: 3599, refresh_in: 1800 },
    hour,
  ],
  [
    'Hydra',
    presets.hydra({ address: 'https://hydra.example.com/', audience: ['https://a', 'https://b'] }),
    'https://hydra.example.com/oauth2/token',
    { audience: 'https://a https://b' },
    'basic',
    { ...plain, expires_in: 3599, scope: '', token_type: 'bearer' },
    3_599_000,
  ],
  [
    'Keycloak',
    presets.keycloak({ address: 'https://sso.example.com', realm: 'my shop' }),
    'https://sso.example.com/realms/my%20shop/protocol/openid-connect/token',
    {},
    'basic',
    { ...plain, expires_in: 300, refresh_expires_in: 0, 'not-before-policy': 0, scope: 'email' },
    300_000,
  ],
  [
    'Okta',
    presets.okta({ domain: 'shop.okta.com', scope: 'orders:read' }),
    'https://shop.okta.com/oauth2/default/v1/token',
    { scope: 'orders:read' },
    'basic',
    { ...plain, scope: 'orders:read' },
    hour,
  ],
  [
    'PayPal',
    presets.paypal({ sandbox: true }),
    'https://api-m.sandbox.paypal.com/v1/oauth2/token',
    {},
    'basic',
    {
      scope:
        'https://uri.paypal.com/services/invoicing https://uri.paypal.com/services/subscriptions',
      access_token: 'at',
      token_type: 'Bearer',
      app_id: 'APP-1',
      expires_in: '31349',
      nonce: '2026-01-01T00:00:00Zx',
    },
    31_349_000,
  ],
  [
    'PingOne',
    presets.pingOne({ environmentId: 'e-1', region: 'europe', scope: 'orders' }),
    'https://auth.pingone.eu/e-1/as/token',
    { scope: 'orders' },
    'basic',
    { ...plain, scope: 'orders' },
    hour,
  ],
  [
    'Salesforce, which says neither life nor when it ends',
    presets.salesforce({ domain: 'shop.my.salesforce.com' }),
    'https://shop.my.salesforce.com/services/oauth2/token',
    {},
    'post',
    {
      access_token: '00D!AQ.at',
      signature: 'c2ln',
      instance_url: 'https://shop.my.salesforce.com',
      id: 'https://login.salesforce.com/id/00D/005',
      token_type: 'Bearer',
      issued_at: '1767225600000',
    },
    900_000,
  ],
  [
    'ServiceNow',
    presets.serviceNow({ instance: 'shop.service-now.com' }),
    'https://shop.service-now.com/oauth_token.do',
    {},
    'post',
    { ...plain, scope: 'useraccount', expires_in: 1799 },
    1_799_000,
  ],
  [
    'Shopify, which says no type and puts commas between scopes',
    presets.shopify({ shop: 'my-shop' }),
    'https://my-shop.myshopify.com/admin/oauth/access_token',
    {},
    'post',
    { access_token: 'at', scope: 'read_orders,write_products', expires_in: 86399 },
    86_399_000,
  ],
  [
    'Spotify',
    presets.spotify(),
    'https://accounts.spotify.com/api/token',
    {},
    'basic',
    plain,
    hour,
  ],
  [
    'Twitch',
    presets.twitch({ clientId: 'billing', scope: 'channel:read:ads moderator:read:chatters' }),
    'https://id.twitch.tv/oauth2/token',
    { scope: 'channel:read:ads moderator:read:chatters' },
    'post',
    { access_token: 'at', expires_in: 5_011_271, token_type: 'bearer' },
    5_011_271_000,
  ],
  [
    'XSUAA',
    presets.xsuaa({ subdomain: 'shop', landscape: 'eu10.hana.ondemand.com' }),
    'https://shop.authentication.eu10.hana.ondemand.com/oauth/token',
    {},
    'basic',
    { ...plain, expires_in: 43199, scope: 'uaa.resource', jti: 'j' },
    43_199_000,
  ],
  [
    'ZITADEL',
    presets.zitadel({ address: 'https://shop.zitadel.cloud', projectId: '7', scope: 'profile' }),
    'https://shop.zitadel.cloud/oauth/v2/token',
    { scope: 'openid urn:zitadel:iam:org:project:id:7:aud profile' },
    'basic',
    { ...plain, expires_in: 43199 },
    43_199_000,
  ],
  [
    'Zoom',
    presets.zoom({ accountId: 'acc-1' }),
    'https://zoom.us/oauth/token',
    { grant_type: 'account_credentials', account_id: 'acc-1' },
    'basic',
    { ...plain, scope: 'user:read:admin', api_url: 'https://api.zoom.us' },
    hour,
  ],
]

describe('a client with a preset gets a token of', () => {
  it.each(EXCHANGES)('%s', async (_, preset, endpoint, form, credentials, answer, lifetime) => {
    const provider = await pretendingProvider(() => Response.json(answer))
    const { getToken } = createClient({
      clientId: 'billing',
      clientSecret: 's3cret',
      fetch: provider.fetch,
      ...preset,
    })
    const token = await getToken()
    expect(provider.asked).toEqual([endpoint])
    const [request] = provider.requests
    const authorization = request?.headers.get('authorization') ?? null
    expect(authorization).toBe(credentials === 'basic' ? `Basic ${btoa('billing:s3cret')}` : null)
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      ...form,
      ...(credentials === 'post' && { client_id: 'billing', client_secret: 's3cret' }),
    })
    expect(token).toMatchObject({ value: answer['access_token'], type: 'Bearer' })
    expect((token.expiresAt ?? 0) - token.obtainedAt).toBe(lifetime)
  })
})
