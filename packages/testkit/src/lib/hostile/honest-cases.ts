import { authorized, bearer, cases, type HostileCase } from './hostile-case.ts'
import { seconds } from './token-forgery.ts'

const ALLOWED = { status: 200, error: undefined, reason: undefined } as const

/** Requests that an API must let through. The first is as plain as can be. */
export const HONEST_CASES: readonly HostileCase[] = [
  ...cases('honest', 'RFC 6750 section 2.1; RFC 9068', ALLOWED, {
    'a good token': ({ mint }) => bearer(mint.token()),
    'bearer in lower case': ({ mint }) => authorized(`bearer ${mint.token()}`),
    'BEARER in capitals': ({ mint }) => authorized(`BEARER ${mint.token()}`),
    'two blanks after Bearer': ({ mint }) => authorized(`Bearer  ${mint.token()}`),
    'typ in capitals': ({ mint }) => bearer(mint.token({ header: { typ: 'AT+JWT' } })),
    'typ as a whole media type': ({ mint }) =>
      bearer(mint.token({ header: { typ: 'application/at+jwt' } })),
    'our audience among others': ({ mint }) =>
      bearer(mint.token({ claims: { aud: ['https://other.example', mint.audience] } })),
    'our audience in a list of one': ({ mint }) =>
      bearer(mint.token({ claims: { aud: [mint.audience] } })),
    'more scopes than needed': ({ mint }) =>
      bearer(mint.token({ claims: { scope: `other:scope ${mint.scope} more` } })),
    'the scope twice, with blanks around': ({ mint }) =>
      bearer(mint.token({ claims: { scope: ` ${mint.scope}  ${mint.scope} ` } })),
    'a time with a fraction': ({ mint }) =>
      bearer(mint.token({ claims: { exp: seconds(mint, 300) + 0.5 } })),
    'a clock two seconds ahead': ({ mint }) =>
      bearer(mint.token({ claims: { iat: seconds(mint, 2), nbf: seconds(mint, 2) } })),
    'claims nobody knows': ({ mint }) =>
      bearer(mint.token({ claims: { vot: 'P1', nested: { a: [1, null] } } })),
    'a header member nobody knows': ({ mint }) => bearer(mint.token({ header: { note: 'a' } })),
    'a client identifier of other letters': ({ mint }) =>
      bearer(mint.token({ claims: { sub: 'kündigung/7', client_id: 'kündigung/7' } })),
  }),
  ...cases('honest', 'OAuth 2.1 section 5.1', ALLOWED, {
    'junk in the query beside a good token': ({ mint }) => ({
      ...bearer(mint.token()),
      query: 'access_token=junk',
    }),
    'headers of many proxies beside a good token': ({ mint }) => ({
      headers: [
        ...bearer(mint.token()).headers,
        ['x-forwarded-proto', 'https,http'],
        ['x-forwarded-host', 'a.example, b.example'],
        ['x-forwarded-for', '203.0.113.7, "[2001:db8::1]:4711", unknown'],
        ['forwarded', 'for="_mystery";proto=https;host="x:y:z"'],
      ],
    }),
  }),
]
