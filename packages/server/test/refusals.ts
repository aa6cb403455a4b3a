import type { RefusalReason } from '@countersign/server'
import type { TokenPost } from './post-token.ts'
import { INVOICES, ORDERS, OTHER } from './two-apis.ts'

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

/** What is sent, the reason of the catalogue that it must be refused for, and how it is sent. */
type Refusal = readonly [
  what: string,
  reason: RefusalReason,
  post: (clients: { readonly billing: Credentials; readonly idle: Credentials }) => TokenPost,
]

/** Every way to be refused by a server of `startTwoApis`. */
export const REFUSALS: readonly Refusal[] = [
  [
    'a JSON body',
    'media_type',
    ({ billing }) => ({
      basic: billing,
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }),
  ],
  [
    'a compressed body',
    'media_type',
    ({ billing }) => ({ basic: billing, headers: { 'content-encoding': 'gzip' } }),
  ],
  [
    'a body over 16 KiB',
    'body_too_large',
    ({ billing }) => ({ basic: billing, form: { x: 'x'.repeat(16_384) } }),
  ],
  [
    'a broken percent escape',
    'body_unreadable',
    ({ billing }) => ({ basic: billing, body: 'grant_type=client_credentials&x=%zz' }),
  ],
  [
    'a thousand parameters',
    'body_unreadable',
    ({ billing }) => ({ basic: billing, body: 'a=1&'.repeat(1000) }),
  ],
  [
    '[std:17] a repeated parameter',
    'parameter_repeated',
    ({ billing }) => ({
      basic: billing,
      form: [
        ['scope', 'orders:read'],
        ['scope', 'list'],
      ],
    }),
  ],
  [
    'a repeated parameter that it does not know',
    'parameter_repeated',
    ({ billing }) => ({
      basic: billing,
      form: [
        ['x', '1'],
        ['x', '2'],
      ],
    }),
  ],
  [
    'a missing grant_type',
    'request_malformed',
    ({ billing }) => ({ basic: billing, body: 'scope=list' }),
  ],
  [
    '[std:15] a secret in the URL',
    'credentials_in_query',
    ({ billing }) => ({ query: `?client_id=billing&client_secret=${billing.clientSecret}` }),
  ],
  [
    'a secret in the URL beside Basic',
    'credentials_in_query',
    ({ billing }) => ({ basic: billing, query: '?client%5Fsecret=x' }),
  ],
  [
    'Basic and a secret in the body',
    'several_methods',
    ({ billing }) => ({
      basic: billing,
      form: { client_id: billing.clientId, client_secret: billing.clientSecret },
    }),
  ],
  [
    'Basic and an assertion',
    'several_methods',
    ({ billing }) => ({ basic: billing, form: { client_assertion: 'x.y.z' } }),
  ],
  [
    'a client_id that is not the one in Basic',
    'client_id_differs',
    ({ billing }) => ({ basic: billing, form: { client_id: 'idle' } }),
  ],
  ['no credentials at all', 'credentials_missing', () => ({})],
  [
    'a client_id without a secret',
    'credentials_missing',
    () => ({ form: { client_id: 'billing' } }),
  ],
  [
    'a secret without a client_id',
    'credentials_missing',
    ({ billing }) => ({ form: { client_secret: billing.clientSecret } }),
  ],
  ['a Bearer header', 'method_unsupported', () => ({ headers: { authorization: 'Bearer abc' } })],
  [
    'a Basic header that is not base64',
    'basic_malformed',
    () => ({ headers: { authorization: 'Basic !!!' } }),
  ],
  [
    'a Basic header without a colon',
    'basic_malformed',
    () => ({ headers: { authorization: `Basic ${btoa('billing')}` } }),
  ],
  [
    'two Authorization headers in one',
    'basic_malformed',
    () => ({ headers: { authorization: `Basic ${btoa('a:b')}, Basic ${btoa('c:d')}` } }),
  ],
  [
    'a client it does not know',
    'client_unknown',
    ({ billing }) => ({ basic: { ...billing, clientId: 'nobody' } }),
  ],
  [
    'a client called __proto__',
    'client_unknown',
    ({ billing }) => ({ basic: { ...billing, clientId: '__proto__' } }),
  ],
  [
    "another client's secret",
    'secret_wrong',
    ({ billing, idle }) => ({ basic: { ...billing, clientSecret: idle.clientSecret } }),
  ],
  [
    'a secret that was cut',
    'secret_malformed',
    ({ billing }) => ({ basic: { ...billing, clientSecret: billing.clientSecret.slice(0, -1) } }),
  ],
  [
    'an empty secret',
    'secret_malformed',
    ({ billing }) => ({ basic: { ...billing, clientSecret: '' } }),
  ],
  [
    'another grant type',
    'grant_type_unsupported',
    ({ billing }) => ({ basic: billing, form: { grant_type: 'password' } }),
  ],
  [
    '[std:21] a client that was granted nothing and asks for nothing in particular',
    'client_without_grants',
    ({ idle }) => ({ basic: idle }),
  ],
  [
    'a client that was granted nothing and names a resource',
    'resource_not_granted',
    ({ idle }) => ({ basic: idle, form: { resource: ORDERS } }),
  ],
  [
    'a client that was granted nothing and names a scope',
    'scope_not_granted',
    ({ idle }) => ({ basic: idle, form: { scope: 'orders:read' } }),
  ],
  [
    'a scope with a quote in it',
    'scope_malformed',
    ({ billing }) => ({ basic: billing, form: { scope: 'orders:"read"' } }),
  ],
  [
    'a scope that the resource has and the client was not granted',
    'scope_not_granted',
    ({ billing }) => ({ basic: billing, form: { resource: ORDERS, scope: 'orders:write' } }),
  ],
  [
    'a scope beyond the grant among granted ones',
    'scope_not_granted',
    ({ billing }) => ({ basic: billing, form: { scope: 'orders:read orders:write' } }),
  ],
  [
    '[std:186] scopes that belong to different resources',
    'scope_across_resources',
    ({ billing }) => ({ basic: billing, form: { scope: 'orders:read invoices:read' } }),
  ],
  [
    'a resource with a fragment',
    'resource_malformed',
    ({ billing }) => ({ basic: billing, form: { resource: `${ORDERS}#part` } }),
  ],
  [
    'two resources',
    'several_resources',
    ({ billing }) => ({
      basic: billing,
      form: [
        ['resource', ORDERS],
        ['resource', INVOICES],
      ],
    }),
  ],
  [
    'an audience that is not the resource',
    'several_resources',
    ({ billing }) => ({ basic: billing, form: { resource: ORDERS, audience: INVOICES } }),
  ],
  [
    '[std:183] a resource it does not know',
    'resource_not_granted',
    ({ billing }) => ({ basic: billing, form: { resource: `${ORDERS}/` } }),
  ],
  [
    '[std:183] a resource the client has no grant at',
    'resource_not_granted',
    ({ billing }) => ({ basic: billing, form: { resource: OTHER } }),
  ],
  [
    'a request that several resources fit',
    'resource_ambiguous',
    ({ billing }) => ({ basic: billing, form: { scope: 'list' } }),
  ],
  [
    'a request for nothing in particular where several resources are granted',
    'resource_ambiguous',
    ({ billing }) => ({ basic: billing }),
  ],
]
