import { badTokens, cases, bearer, type HostileCase } from './hostile-case.ts'
import { honestHeader, seconds, withLastMember, withRawExp } from './token-forgery.ts'

/** Tokens that say what is not so, or say it in another way than they must. */
export const CLAIMS_CASES: readonly HostileCase[] = [
  ...badTokens('claims', 'RFC 7519 section 4.1.1; CVE-2025-30144', 'malformed_claims', {
    'iss as a list': (mint) => mint.token({ claims: { iss: [mint.issuer] } }),
    'iss as a list with another': (mint) =>
      mint.token({ claims: { iss: ['https://evil.example', mint.issuer] } }),
    'iss as an object': (mint) => mint.token({ claims: { iss: { value: mint.issuer } } }),
    'iss null': (mint) => mint.token({ claims: { iss: null } }),
    'iss empty': (mint) => mint.token({ claims: { iss: '' } }),
    'no iss': (mint) => mint.token({ claims: { iss: undefined } }),
  }),
  ...badTokens('rfc9068', 'RFC 9068 section 2.2', 'malformed_claims', {
    'no sub': (mint) => mint.token({ claims: { sub: undefined } }),
    'sub empty': (mint) => mint.token({ claims: { sub: '' } }),
    'sub as a number': (mint) => mint.token({ claims: { sub: 7 } }),
    'no client_id': (mint) => mint.token({ claims: { client_id: undefined } }),
    'client_id as a list': (mint) => mint.token({ claims: { client_id: [mint.clientId] } }),
    'no jti': (mint) => mint.token({ claims: { jti: undefined } }),
    'jti as a number': (mint) => mint.token({ claims: { jti: 7 } }),
    'no iat': (mint) => mint.token({ claims: { iat: undefined } }),
    'iat null': (mint) => mint.token({ claims: { iat: null } }),
    'iat as text': (mint) => mint.token({ claims: { iat: '1' } }),
  }),
  ...badTokens(
    'claims',
    'RFC 7519 sections 2, 4.1.4 and 4.1.5; CVE-2026-44459',
    'malformed_claims',
    {
      'no exp': (mint) => mint.token({ claims: { exp: undefined } }),
      'exp as text': (mint) => mint.token({ claims: { exp: '99999999999' } }),
      'exp as a date': (mint) => mint.token({ claims: { exp: '2099-01-01T00:00:00Z' } }),
      'exp null': (mint) => mint.token({ claims: { exp: null } }),
      'exp true': (mint) => mint.token({ claims: { exp: true } }),
      'exp as a list': (mint) => mint.token({ claims: { exp: [seconds(mint, 600)] } }),
      'exp as an object': (mint) => mint.token({ claims: { exp: {} } }),
      'exp negative': (mint) => mint.token({ claims: { exp: -1 } }),
      'exp beyond all numbers': (mint) => withRawExp(mint, '1e400'),
      'exp below all numbers': (mint) => withRawExp(mint, '-1e400'),
      'exp of 1e300': (mint) => withRawExp(mint, '1e300'),
      'exp in milliseconds': (mint) => mint.token({ claims: { exp: mint.now() + 600_000 } }),
      'nbf as text': (mint) => mint.token({ claims: { nbf: '0' } }),
      'nbf null': (mint) => mint.token({ claims: { nbf: null } }),
      'nbf as a list': (mint) => mint.token({ claims: { nbf: [] } }),
    },
  ),
  ...badTokens('claims', 'RFC 7519 section 7.2', 'malformed_token', {
    'exp that is no JSON': (mint) => withRawExp(mint, 'NaN'),
    'exp Infinity': (mint) => withRawExp(mint, 'Infinity'),
    'exp in hexadecimal': (mint) => withRawExp(mint, '0xFFFFFFFF'),
    'a payload that is a list': (mint) =>
      mint.sign(honestHeader(mint), JSON.stringify([mint.claims()])),
    'a payload that is text': (mint) => mint.sign(honestHeader(mint), '"admin"'),
    'a payload that is a number': (mint) => mint.sign(honestHeader(mint), '7'),
    'a payload that is null': (mint) => mint.sign(honestHeader(mint), 'null'),
    'a payload that is empty': (mint) => mint.sign(honestHeader(mint), ''),
    'a payload that is another JWT': (mint) => mint.sign(honestHeader(mint), mint.token()),
    'a payload that is not UTF-8': (mint) =>
      mint.sign(honestHeader(mint), Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])),
  }),
  ...badTokens('claims', 'RFC 7519 section 4.1.3; CVE-2020-26160', 'malformed_claims', {
    'no aud': (mint) => mint.token({ claims: { aud: undefined } }),
    'aud empty': (mint) => mint.token({ claims: { aud: [] } }),
    'aud an empty text': (mint) => mint.token({ claims: { aud: '' } }),
    'aud null': (mint) => mint.token({ claims: { aud: null } }),
    'aud true': (mint) => mint.token({ claims: { aud: true } }),
    'aud as an object': (mint) => mint.token({ claims: { aud: { [mint.audience]: true } } }),
    'aud in a list in a list': (mint) => mint.token({ claims: { aud: [[mint.audience]] } }),
    'aud with a member that is no string': (mint) =>
      mint.token({ claims: { aud: [mint.audience, 1] } }),
  }),
  ...badTokens('claims', 'RFC 9068 section 4; CVE-2024-53861', 'wrong_issuer', {
    'another issuer': (mint) => mint.token({ claims: { iss: 'https://evil.example' } }),
    'an issuer that starts like ours': (mint) =>
      mint.token({ claims: { iss: `${mint.issuer}.evil.example` } }),
    'an issuer that ends like ours': (mint) =>
      mint.token({ claims: { iss: `https://evil.example/${mint.issuer}` } }),
    'part of our issuer': (mint) => mint.token({ claims: { iss: mint.issuer.slice(0, -1) } }),
    'our issuer with a slash': (mint) => mint.token({ claims: { iss: `${mint.issuer}/` } }),
    'our issuer with a blank': (mint) => mint.token({ claims: { iss: `${mint.issuer} ` } }),
    'our issuer with a line break': (mint) => mint.token({ claims: { iss: `${mint.issuer}\n` } }),
    'our issuer with a NUL': (mint) => mint.token({ claims: { iss: `${mint.issuer}\u0000` } }),
    'our issuer in capitals': (mint) => mint.token({ claims: { iss: mint.issuer.toUpperCase() } }),
    'our issuer with a user name': (mint) =>
      mint.token({ claims: { iss: mint.issuer.replace('://', '://admin@') } }),
    'iss twice, the last one another': (mint) =>
      withLastMember(mint, 'iss', 'https://evil.example'),
  }),
  ...badTokens(
    'claims',
    'RFC 9068 section 4; RFC 8725 section 3.9; CVE-2025-62610',
    'wrong_audience',
    {
      'another API': (mint) => mint.token({ claims: { aud: 'https://other.example' } }),
      'several other APIs': (mint) => mint.token({ claims: { aud: ['a', 'b'] } }),
      'an audience that starts like ours': (mint) =>
        mint.token({ claims: { aud: `${mint.audience}/more` } }),
      'part of our audience': (mint) => mint.token({ claims: { aud: mint.audience.slice(0, -1) } }),
      'our audience in capitals': (mint) =>
        mint.token({ claims: { aud: mint.audience.toUpperCase() } }),
      'our audience in one text with another': (mint) =>
        mint.token({ claims: { aud: `https://other.example ${mint.audience}` } }),
      'the client as audience, as an ID token has it': (mint) =>
        mint.token({ claims: { aud: mint.clientId } }),
      'any audience': (mint) => mint.token({ claims: { aud: '*' } }),
      'aud twice, the last one another': (mint) =>
        withLastMember(mint, 'aud', 'https://other.example'),
    },
  ),
  ...badTokens('claims', 'RFC 7519 section 4.1.4', 'expired', {
    'expired two minutes ago': (mint) => mint.token({ claims: { exp: seconds(mint, -120) } }),
    'expired long ago, issued now': (mint) => mint.token({ claims: { exp: 1_000_000_000 } }),
    'exp 0': (mint) => mint.token({ claims: { exp: 0 } }),
    'exp twice, the last one past': (mint) => withLastMember(mint, 'exp', seconds(mint, -120)),
  }),
  ...badTokens('claims', 'RFC 7519 section 4.1.5', 'not_yet_valid', {
    'valid in two minutes': (mint) => mint.token({ claims: { nbf: seconds(mint, 120) } }),
    'valid in the year 9999': (mint) => mint.token({ claims: { nbf: 253_402_300_799 } }),
    'nbf in milliseconds': (mint) => mint.token({ claims: { nbf: mint.now() } }),
  }),
  ...badTokens('claims', 'FAPI 2.0 Security Profile section 5.3.2.1', 'issued_in_future', {
    'issued in two minutes': (mint) => mint.token({ claims: { iat: seconds(mint, 120) } }),
    'iat in milliseconds': (mint) => mint.token({ claims: { iat: mint.now() } }),
  }),
  ...badTokens('scope', 'RFC 9068 section 2.2.3; RFC 6749 section 3.3', 'malformed_claims', {
    'scope as a list': (mint) => mint.token({ claims: { scope: mint.scope.split(' ') } }),
    'scope as an object': (mint) => mint.token({ claims: { scope: { [mint.scope]: true } } }),
    'scope true': (mint) => mint.token({ claims: { scope: true } }),
    'scope with a line break': (mint) => mint.token({ claims: { scope: `${mint.scope}\nadmin` } }),
    'scope in quotes': (mint) => mint.token({ claims: { scope: `"${mint.scope}"` } }),
  }),
  ...cases(
    'scope',
    'RFC 6750 section 3.1',
    { status: 403, error: 'insufficient_scope', reason: 'insufficient_scope' },
    {
      'no scope': ({ mint }) => bearer(mint.token({ claims: { scope: undefined } })),
      'an empty scope': ({ mint }) => bearer(mint.token({ claims: { scope: '' } })),
      'another scope': ({ mint }) => bearer(mint.token({ claims: { scope: 'nothing:at-all' } })),
      'a scope that starts like the one needed': ({ mint }) =>
        bearer(mint.token({ claims: { scope: `${mint.scope}er ${mint.scope.slice(0, -1)}` } })),
      'the scope in capitals': ({ mint }) =>
        bearer(mint.token({ claims: { scope: mint.scope.toUpperCase() } })),
      'any scope': ({ mint }) => bearer(mint.token({ claims: { scope: '*' } })),
      'the scope in one word with another': ({ mint }) =>
        bearer(mint.token({ claims: { scope: `admin,${mint.scope}` } })),
      'the scope in other claims': ({ mint }) => {
        const list = mint.scope.split(' ')
        const others = { scp: list, scopes: list, permissions: list, roles: list }
        return bearer(mint.token({ claims: { scope: undefined, ...others } }))
      },
    },
  ),
  ...cases(
    'principal',
    'RFC 9068 section 5; RFC 9700 section 4.15',
    { status: 403, error: 'insufficient_scope', reason: 'principal_kind' },
    {
      "a user's token": ({ mint }) => bearer(mint.token({ claims: { sub: 'user-1' } })),
      "a token whose subject only looks like the client's": ({ mint }) =>
        bearer(mint.token({ claims: { sub: `${mint.clientId}\u200b` } })),
    },
  ),
]
