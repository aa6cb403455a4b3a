import { authorized, bearer, cases, type HostileCase } from './hostile-case.ts'
import { seconds } from './token-forgery.ts'

const NO_CREDENTIALS = { status: 401, error: undefined, reason: 'no_credentials' } as const
const MALFORMED = {
  status: 400,
  error: 'invalid_request',
  reason: 'malformed_credentials',
} as const
const EXPIRED = { status: 401, error: 'invalid_token', reason: 'expired' } as const
const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const

/** Requests whose token is missing, in the wrong place, or there more than once. */
export const REQUEST_CASES: readonly HostileCase[] = [
  ...cases('request', 'RFC 6750 sections 2.1 and 3.1', NO_CREDENTIALS, {
    'no token': () => ({ headers: [] }),
    'an empty Authorization header': () => authorized(''),
    'the token under Basic': ({ mint }) => authorized(`Basic ${mint.token()}`),
    'the token under BearerX': ({ mint }) => authorized(`BearerX ${mint.token()}`),
    'the token under DPoP': ({ mint }) => authorized(`DPoP ${mint.token()}`),
    'the token under Token': ({ mint }) => authorized(`Token ${mint.token()}`),
    'the token under JWT': ({ mint }) => authorized(`JWT ${mint.token()}`),
    'the bare token': ({ mint }) => authorized(mint.token()),
    'a tab after Bearer': ({ mint }) => authorized(`Bearer\t${mint.token()}`),
    'a colon after Bearer': ({ mint }) => authorized(`Bearer: ${mint.token()}`),
    'an equals sign after Bearer': ({ mint }) => authorized(`Bearer=${mint.token()}`),
    'nothing between Bearer and the token': ({ mint }) => authorized(`Bearer${mint.token()}`),
  }),
  ...cases('request', 'RFC 6750 sections 2.1 and 3.1; RFC 9110 section 5.3', MALFORMED, {
    'nothing after Bearer': () => authorized('Bearer'),
    'two tokens in one header': ({ mint }) => authorized(`Bearer ${mint.token()} ${mint.token()}`),
    'two headers joined into one': ({ mint }) =>
      authorized(`Bearer ${mint.token()}, Bearer ${mint.token()}`),
    'a Basic header joined before': ({ mint }) => authorized(`Basic YTpi, Bearer ${mint.token()}`),
    'a Basic header joined after': ({ mint }) => authorized(`Bearer ${mint.token()}, Basic YTpi`),
    'a comma after the token': ({ mint }) => authorized(`Bearer ${mint.token()},`),
    'a token in quotes': ({ mint }) => authorized(`Bearer "${mint.token()}"`),
    'a token as a parameter': ({ mint }) => authorized(`Bearer token="${mint.token()}"`),
    'a token in angle brackets': ({ mint }) => authorized(`Bearer <${mint.token()}>`),
    'a token with escapes': ({ mint }) =>
      authorized(`Bearer ${mint.token().replaceAll('.', '%2E')}`),
    'Bearer twice': ({ mint }) => authorized(`Bearer Bearer ${mint.token()}`),
    'the JSON form of a JWS': ({ mint }) => authorized(`Bearer {"payload":"${mint.token()}"}`),
    'the same token in two headers': ({ mint }) => twice(mint.token()),
    'another token in a second header': ({ mint }) => ({
      headers: [
        ['authorization', `Bearer ${mint.token()}`],
        ['authorization', `Bearer ${mint.token({ claims: { sub: 'user-1' } })}`],
      ],
    }),
    'a Basic header before it': ({ mint }) => ({
      headers: [
        ['authorization', 'Basic YTpi'],
        ['authorization', `Bearer ${mint.token()}`],
      ],
    }),
    'a Basic header after it': ({ mint }) => ({
      headers: [
        ['authorization', `Bearer ${mint.token()}`],
        ['authorization', 'Basic YTpi'],
      ],
    }),
    'a bad token in a second header': ({ mint }) => ({
      headers: [
        ['authorization', `Bearer ${mint.token()}`],
        ['Authorization', 'Bearer x.y.z'],
      ],
    }),
  }),
  ...cases(
    'request',
    'RFC 6750 section 2.3; OAuth 2.1 section 5.1; RFC 9700 section 4.3.2',
    NO_CREDENTIALS,
    {
      'the token in the query alone': ({ mint }) => ({
        headers: [],
        query: `access_token=${mint.token()}`,
      }),
      'the token in the query under another name': ({ mint }) => ({
        headers: [],
        query: `token=${mint.token()}&jwt=${mint.token()}&bearer=${mint.token()}`,
      }),
      'the whole header in the query': ({ mint }) => ({
        headers: [],
        query: `authorization=${encodeURIComponent(`Bearer ${mint.token()}`)}`,
      }),
      'the token in a form alone': ({ mint }) => ({
        method: 'POST',
        headers: [FORM],
        body: `access_token=${mint.token()}`,
      }),
      'the token in JSON alone': ({ mint }) => ({
        method: 'POST',
        headers: [['content-type', 'application/json']],
        body: JSON.stringify({ access_token: mint.token() }),
      }),
      'the token in a cookie': ({ mint }) => ({
        headers: [['cookie', `access_token=${mint.token()}; token=${mint.token()}`]],
      }),
      'the token in Proxy-Authorization': ({ mint }) => alone('proxy-authorization', mint.token()),
      'the token in X-Authorization': ({ mint }) => alone('x-authorization', mint.token()),
      'the token in X-Forwarded-Authorization': ({ mint }) =>
        alone('x-forwarded-authorization', mint.token()),
      'the token in HTTP_AUTHORIZATION': ({ mint }) => alone('HTTP_AUTHORIZATION', mint.token()),
      'the token in X-Access-Token': ({ mint }) => ({
        headers: [
          ['x-access-token', mint.token()],
          ['x-auth-token', mint.token()],
          ['x-forwarded-access-token', mint.token()],
        ],
      }),
      'the token in Sec-WebSocket-Protocol': ({ mint }) => ({
        headers: [['sec-websocket-protocol', `bearer, ${mint.token()}`]],
      }),
    },
  ),
  ...cases('request', 'RFC 6750 section 2', EXPIRED, {
    'a good token in the query beside a bad one': ({ mint }) => ({
      ...expired(mint),
      query: `access_token=${mint.token()}`,
    }),
    'a good token in a form beside a bad one': ({ mint }) => ({
      method: 'POST',
      headers: [...expired(mint).headers, FORM],
      body: `access_token=${mint.token()}`,
    }),
    'a good token in a cookie beside a bad one': ({ mint }) => ({
      headers: [...expired(mint).headers, ['cookie', `access_token=${mint.token()}`]],
    }),
  }),
  ...cases('request', 'CVE-2025-64484, CVE-2026-40575', NO_CREDENTIALS, {
    'an identity in headers': () => ({ headers: IDENTITY }),
    'an identity in headers with underscores': () => ({
      headers: IDENTITY.map(([name, value]) => [name.replaceAll('-', '_'), value]),
    }),
    'another path in headers': () => ({
      headers: [
        ['x-original-url', '/health'],
        ['x-rewrite-url', '/health'],
        ['x-forwarded-uri', '/health'],
        ['x-forwarded-prefix', '/health'],
      ],
    }),
    'an address inside in headers': () => ({
      headers: [
        ['x-forwarded-for', '127.0.0.1'],
        ['x-real-ip', '127.0.0.1'],
        ['forwarded', 'for=127.0.0.1;proto=https'],
        ['via', '1.1 localhost'],
      ],
    }),
  }),
  ...cases('request', 'CVE-2025-64484', EXPIRED, {
    'an identity in headers beside a bad token': ({ mint }) => ({
      headers: [...expired(mint).headers, ...IDENTITY],
    }),
  }),
  ...cases('method', 'RFC 9110 section 9.3.7; express-jwt let preflights past', NO_CREDENTIALS, {
    'OPTIONS without a token': () => ({ method: 'OPTIONS', headers: [] }),
    'a preflight without a token': () => ({
      method: 'OPTIONS',
      headers: [
        ['origin', 'https://evil.example'],
        ['access-control-request-method', 'GET'],
        ['access-control-request-headers', 'authorization'],
      ],
    }),
    'headers of a preflight on the method of the route': () => ({
      headers: [
        ['origin', 'https://evil.example'],
        ['access-control-request-method', 'GET'],
        ['access-control-request-headers', 'authorization'],
      ],
    }),
    'HEAD without a token': () => ({ method: 'HEAD', headers: [] }),
    'DELETE without a token': () => ({ method: 'DELETE', headers: [] }),
    'a method put in the place of another': () => ({
      method: 'POST',
      headers: [
        ['x-http-method-override', 'GET'],
        ['x-method-override', 'OPTIONS'],
      ],
    }),
  }),
]

const IDENTITY: readonly (readonly [name: string, value: string])[] = [
  ['x-forwarded-user', 'admin'],
  ['x-forwarded-email', 'admin@example.com'],
  ['x-auth-request-user', 'admin'],
  ['x-remote-user', 'admin'],
  ['remote-user', 'admin'],
  ['x-client-id', 'billing'],
  ['x-client-verified', 'SUCCESS'],
]

function twice(token: string): { readonly headers: readonly (readonly [string, string])[] } {
  return {
    headers: [
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ],
  }
}

function alone(
  name: string,
  token: string,
): { readonly headers: readonly (readonly [string, string])[] } {
  return { headers: [[name, `Bearer ${token}`]] }
}

function expired(mint: Parameters<typeof seconds>[0]): {
  readonly headers: readonly (readonly [string, string])[]
} {
  return bearer(mint.token({ claims: { exp: seconds(mint, -120) } }))
}
