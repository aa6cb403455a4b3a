import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as presets from '../../presets.ts'
import type { Preset } from './preset.ts'

/** A variable of an address, with the host that must come of it whatever the variable holds. */
const VARIABLES: readonly [
  name: string,
  usual: string,
  preset: (value: string) => Preset,
  host: (value: string) => string,
][] = [
  [
    'auth0 domain',
    'usual.example',
    (domain) => presets.auth0({ domain, audience: 'a' }),
    (value) => value,
  ],
  [
    'okta domain',
    'usual.example',
    (domain) => presets.okta({ domain, scope: 'a' }),
    (value) => value,
  ],
  [
    'okta authorizationServer',
    'usual',
    (authorizationServer) =>
      presets.okta({ domain: 'shop.okta.com', authorizationServer, scope: 'a' }),
    () => 'shop.okta.com',
  ],
  [
    'entra tenant',
    'usual',
    (tenant) => presets.entra({ tenant, scope: 'api://x/.default' }),
    () => 'login.microsoftonline.com',
  ],
  [
    'keycloak realm',
    'usual',
    (realm) => presets.keycloak({ address: 'https://sso.example.com', realm }),
    () => 'sso.example.com',
  ],
  [
    'shopify shop',
    'usual',
    (shop) => presets.shopify({ shop }),
    (value) => `${value}.myshopify.com`,
  ],
  [
    'xsuaa subdomain',
    'usual',
    (subdomain) => presets.xsuaa({ subdomain, landscape: 'eu10.hana.ondemand.com' }),
    (value) => `${value}.authentication.eu10.hana.ondemand.com`,
  ],
  [
    'pingOne environmentId',
    'usual',
    (environmentId) => presets.pingOne({ environmentId }),
    () => 'auth.pingone.com',
  ],
  [
    'databricksAccount accountId',
    'usual',
    (accountId) => presets.databricksAccount({ accountId }),
    () => 'accounts.cloud.databricks.com',
  ],
]

const CRAFTED: readonly string[] = [
  'evil.example/',
  'evil.example/x',
  'evil.example#',
  'evil.example?',
  'evil.example\\',
  'user@evil.example',
  'evil.example:8443',
  ' evil.example',
  'evil.example\n',
  'https://evil.example',
  '127.0.0.1',
  '2130706433.1',
  '0x7f.0x1',
  '[::1].example',
  'evil。example',
  '-evil.example',
  '..',
  '.',
  'a/../../b',
  '%2e%2e',
  '%2f%2fevil.example',
  '\u0000',
  '',
]

/** Texts of every kind, and many that look like part of an address. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[a-zA-Z0-9.:/@?#%\\-]{1,24}$/),
  fc.stringMatching(/^(xn--)?[a-zA-Z0-9][a-z0-9-]{0,12}(\.[a-z0-9]{1,5})?$/),
)

describe.each(VARIABLES)('the variable %s', (_, usual, preset, host) => {
  const parts = (endpoint: string): number => new URL(endpoint).pathname.split('/').length
  const expected = parts(preset(usual).tokenEndpoint ?? '')

  const expectHostKept = (value: string): void => {
    let endpoint = ''
    try {
      endpoint = preset(value).tokenEndpoint ?? ''
    } catch (error) {
      expect(error).toMatchObject({ name: 'ArgumentError' })
      return
    }
    expect(new URL(endpoint)).toMatchObject({
      protocol: 'https:',
      hostname: host(value.toLowerCase()),
      port: '',
      hash: '',
      search: '',
      username: '',
      password: '',
    })
    expect(parts(endpoint)).toBe(expected)
  }

  it.each(CRAFTED)('leads nowhere else when it holds %j', (value) => {
    expectHostKept(value)
  })

  it('cannot lead to another host or path, whatever it holds', () => {
    fc.assert(fc.property(anyText, expectHostKept), { numRuns: 500 })
  })
})
