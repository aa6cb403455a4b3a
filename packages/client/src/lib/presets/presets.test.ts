import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as presets from '../../presets.ts'
import { createClient } from '../create-client.ts'
import type { Preset } from './preset.ts'

const proof = {
  method: 'private_key_jwt',
  authenticate: async () => undefined,
  fingerprint: async () => 'f',
}
const serviceAccount = {
  client_email: 'job@shop.iam.gserviceaccount.com',
  private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string,
}

/** Every preset, with variables as they are usually. */
const USUAL: Readonly<Record<keyof typeof presets, () => object>> = {
  adobeIms: () => presets.adobeIms({ scope: 'openid,AdobeID'.split(',') }),
  auth0: () => presets.auth0({ domain: 'shop.eu.auth0.com', audience: 'https://api.example' }),
  authentik: () => presets.authentik({ address: 'https://sso.example.com' }),
  camunda: () => presets.camunda({ audience: 'zeebe.camunda.io' }),
  cognito: () => presets.cognito({ domain: 'shop.auth.eu-west-1.amazoncognito.com' }),
  curity: () => presets.curity({ issuer: 'https://login.example.com/oauth/v2/oauth-anonymous' }),
  databricks: () => presets.databricks({ workspace: 'dbc-a1.cloud.databricks.com' }),
  databricksAccount: () => presets.databricksAccount({ accountId: 'a-1', cloud: 'azure' }),
  entra: () =>
    presets.entra({ tenant: 'shop.example', scope: 'https://graph.microsoft.com/.default' }),
  google: () => presets.google({ serviceAccount, scope: 'https://www.googleapis.com/auth/pubsub' }),
  hydra: () => presets.hydra({ address: 'https://hydra.example.com', audience: ['a', 'b'] }),
  keycloak: () => presets.keycloak({ address: 'https://sso.example.com/auth', realm: 'shop' }),
  okta: () => presets.okta({ domain: 'shop.okta.com', scope: 'orders:read' }),
  oktaOrg: () =>
    presets.oktaOrg({
      domain: 'shop.okta.com',
      scope: ['okta.users.read'],
      clientAuthentication: proof,
    }),
  paypal: () => presets.paypal({ sandbox: true }),
  pingOne: () => presets.pingOne({ environmentId: 'e-1', region: 'europe' }),
  salesforce: () => presets.salesforce({ domain: 'shop.my.salesforce.com' }),
  serviceNow: () => presets.serviceNow({ instance: 'shop.service-now.com' }),
  shopify: () => presets.shopify({ shop: 'my-shop' }),
  snowflake: () => presets.snowflake({ issuer: 'https://sso.example.com', role: 'ANALYST' }),
  spotify: () => presets.spotify(),
  twitch: () => presets.twitch({ clientId: 'abc123' }),
  xsuaa: () => presets.xsuaa({ subdomain: 'shop', landscape: 'eu10.hana.ondemand.com' }),
  zitadel: () => presets.zitadel({ address: 'https://shop.zitadel.cloud', projectId: '7' }),
  zoom: () => presets.zoom({ accountId: 'acc-1' }),
}

const DOCS = join(import.meta.dirname, '../../../../../docs/providers')
/** Presets that share the page of another one. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ['databricksAccount', 'databricks'],
  ['oktaOrg', 'okta'],
])

const BY_NAME: ReadonlyMap<string, unknown> = new Map(Object.entries(presets))

const OPTIONS: readonly string[] = [
  'issuer',
  'tokenEndpoint',
  'clientId',
  'authMethod',
  'basicEncoding',
  'clientAuthentication',
  'grant',
  'quirks',
  'scope',
  'audience',
  'parameters',
]
const QUIRKS: readonly string[] = [
  'grantType',
  'scopeSeparator',
  'requestFormat',
  'readAnswer',
  'readHeaders',
  'presentation',
  'defaultLifetime',
]

describe.each(Object.entries(USUAL))('the preset %s', (name, make) => {
  const preset = make() as Preset

  it('asks over https only', () => {
    const addresses = [preset.tokenEndpoint, preset.issuer].filter((one) => one !== undefined)
    expect(addresses.length).toBeGreaterThan(0)
    expect(addresses.filter((one) => !one.startsWith('https://'))).toEqual([])
  })

  it('brings nothing but options and quirks that weaken no check', () => {
    expect(Object.keys(preset).filter((option) => !OPTIONS.includes(option))).toEqual([])
    const quirks = Object.keys(preset.quirks ?? {})
    expect(quirks.filter((quirk) => !QUIRKS.includes(quirk))).toEqual([])
  })

  it('is taken by createClient as it is', () => {
    if (name === 'google') {
      expect(() => createClient(presets.google({ serviceAccount, scope: 'a' }))).not.toThrow()
      return
    }
    const credential = preset.clientAuthentication === undefined ? { clientSecret: 's' } : {}
    expect(() => createClient({ clientId: 'billing', ...preset, ...credential })).not.toThrow()
  })

  it('has a page of its own', () => {
    const file =
      PAGES.get(name) ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const page = readFileSync(join(DOCS, `${file}.md`), 'utf8')
    expect(page).toMatch(new RegExp(`\\b${name}\\(`))
    expect(readFileSync(join(DOCS, 'README.md'), 'utf8')).toContain(`\`${name}\``)
  })

  it('refuses an option it does not know', () => {
    if (name === 'spotify') return
    const call = BY_NAME.get(name) as (options: unknown) => unknown
    expect(() => call({ tenantt: 'x' })).toThrow(`${name}: unknown option 'tenantt'`)
  })
})

describe('what a provider demands', () => {
  it.each<[string, () => unknown, string]>([
    [
      'auth0 without audience',
      () => presets.auth0({ domain: 'shop.auth0.com' } as never),
      "auth0: 'audience' is required: the API's identifier",
    ],
    [
      'auth0 with a name that no host has',
      () => presets.auth0({ domain: 'a_b.auth0.com', audience: 'a' }),
      "auth0: 'domain' must be a host name such as shop.eu.auth0.com, without https:// and path",
    ],
    [
      'okta without scope',
      () => presets.okta({ domain: 'shop.okta.com', scope: [] }),
      "okta: 'scope' is required: a custom scope",
    ],
    [
      'oktaOrg without a key',
      () => presets.oktaOrg({ domain: 'shop.okta.com', scope: 'okta.users.read' } as never),
      "oktaOrg: 'clientAuthentication' is required: Okta's org server takes privateKeyJwt",
    ],
    [
      'oktaOrg with a scope of somebody else',
      () =>
        presets.oktaOrg({
          domain: 'shop.okta.com',
          scope: 'orders:read',
          clientAuthentication: proof,
        }),
      "oktaOrg: 'scope[0]' must be one of Okta's own",
    ],
    [
      'entra without scope',
      () => presets.entra({ tenant: 'shop.example' } as never),
      "entra: 'scope' is required: one API with '/.default'",
    ],
    [
      'entra with a scope of users',
      () => presets.entra({ tenant: 'shop.example', scope: 'User.Read' }),
      "entra: 'scope' must be one API with '/.default'",
    ],
    [
      'entra with two scopes',
      () => presets.entra({ tenant: 'shop.example', scope: 'a/.default b/.default' }),
      "entra: 'scope' must be one API with '/.default'",
    ],
    [
      'entra without a tenant of its own',
      () => presets.entra({ tenant: 'Common', scope: 'a/.default' }),
      "entra: 'tenant' must be the id or a domain of one tenant",
    ],
    ['zoom without account', () => presets.zoom({} as never), "zoom: 'accountId' is required"],
    [
      'authentik with a name and no password',
      () => presets.authentik({ address: 'https://sso.example.com', username: 'job' }),
      "authentik: 'password' is required",
    ],
    [
      'authentik with a password and no name',
      () => presets.authentik({ address: 'https://sso.example.com', password: 'p' }),
      "authentik: 'username' is required",
    ],
    [
      'authentik with a colon in the name',
      () => presets.authentik({ address: 'https://a.example', username: 'a:b', password: 'p' }),
      "authentik: 'username' must have no colon",
    ],
    [
      'authentik with two proofs',
      () =>
        presets.authentik({
          address: 'https://sso.example.com',
          username: 'job',
          password: 'p',
          clientAuthentication: proof,
        }),
      "authentik: 'username' cannot stand beside 'clientAuthentication'",
    ],
    [
      'snowflake without a role',
      () => presets.snowflake({ issuer: 'https://sso.example.com' } as never),
      "snowflake: 'role' is required",
    ],
    [
      'snowflake with a role that makes two scopes',
      () => presets.snowflake({ issuer: 'https://sso.example.com', role: 'A session:role:B' }),
      "snowflake: 'role' must be a name without blanks and quotes",
    ],
    ['camunda without audience', () => presets.camunda({} as never), "'audience' is required"],
    ['adobeIms without scope', () => presets.adobeIms({ scope: '' }), "'scope' is required"],
    [
      'shopify with a whole host',
      () => presets.shopify({ shop: 'my-shop.myshopify.com' }),
      'my-shop, without .myshopify.com',
    ],
    [
      'twitch with a client id that is no header',
      () => presets.twitch({ clientId: 'a\nb' }),
      "'clientId' must be letters and digits",
    ],
    [
      'keycloak over plain http',
      () => presets.keycloak({ address: 'http://sso.example.com', realm: 'a' }),
      "'address' must be https",
    ],
    [
      'google without a key',
      () =>
        presets.google({ serviceAccount: { client_email: 'a@b' } as never, scope: 'https://x/y' }),
      "'serviceAccount.private_key' is required",
    ],
  ])('%s is told what to do', (_, call, message) => {
    expect(call).toThrow(message)
    expect(call).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
  })
})
