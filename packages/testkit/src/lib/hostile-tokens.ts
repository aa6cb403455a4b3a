import { formatDerSignature } from '@countersign/protocol'
import type { DenialReason } from '@countersign/guard'
import {
  honestHeader,
  hs256,
  nested,
  pem,
  resigned,
  resignedText,
  seconds,
  strangerOf,
  withRawExp,
  withStrayBits,
} from './token-forgery.ts'
import type { TokenMint } from './token-mint.ts'

/** A request that an API must refuse, as data. */
export interface HostileToken {
  readonly name: string
  /** What is attacked. */
  readonly group: 'algorithm' | 'header' | 'claims' | 'request' | 'rights'
  /** The `Authorization` value, made with the mint whose key the API trusts. */
  readonly authorization: (mint: TokenMint) => string
  /** The status owed. */
  readonly status: 400 | 401 | 403
  /** The error code owed in the challenge; none where the request carries no bearer token. */
  readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined
  /** The reason that Countersign's guard gives. */
  readonly reason: DenialReason
}

/**
 * Requests that a route must refuse which takes clients' tokens with the scope `orders:read` from
 * the mint's issuer for the mint's audience, with at most 60 s of clock tolerance.
 *
 * Source: RFC 8725 section 3; RFC 9068 section 4; RFC 6750 sections 2 and 3.1; RFC 7515 section
 * 4.1.11; faults that JWT libraries have had.
 */
export const HOSTILE_TOKENS: readonly HostileToken[] = [
  ...bad('algorithm', 'algorithm_not_allowed', {
    'HS256 keyed by our public key in PEM': (mint) => hs256(mint, pem(mint)),
    'HS256 keyed by the PEM after a blank': (mint) => hs256(mint, ` ${pem(mint)}`),
    'HS256 keyed by the PEM after a byte order mark': (mint) => hs256(mint, `\ufeff${pem(mint)}`),
    'HS256 keyed by the PEM with CRLF': (mint) => hs256(mint, pem(mint).replaceAll('\n', '\r\n')),
    'HS256 keyed by the PEM after a comment': (mint) => hs256(mint, `# key\n${pem(mint)}`),
    'HS256 keyed by our JWK text': (mint) => hs256(mint, JSON.stringify(mint.jwk)),
    'HS256 keyed by the empty secret': (mint) => hs256(mint, ''),
    'alg none, with a signature': (mint) => mint.token({ header: { alg: 'none' } }),
    'alg None': (mint) => mint.token({ header: { alg: 'None' } }),
    'alg NONE': (mint) => mint.token({ header: { alg: 'NONE' } }),
    'alg nOnE': (mint) => mint.token({ header: { alg: 'nOnE' } }),
    'alg in lower case': (mint) => mint.token({ header: { alg: mint.algorithm.toLowerCase() } }),
    'alg of a stronger sibling': (mint) => mint.token({ header: { alg: 'ES512' } }),
    'alg __proto__': (mint) => mint.token({ header: { alg: '__proto__' } }),
  }),
  ...bad('algorithm', 'malformed_token', {
    'alg none without a signature': (mint) => {
      const token = mint.token({ header: { alg: 'none' } })
      return token.slice(0, token.lastIndexOf('.') + 1)
    },
    'no alg': (mint) => mint.token({ header: { alg: undefined } }),
    'alg as a list': (mint) => mint.token({ header: { alg: [mint.algorithm] } }),
  }),
  ...bad('algorithm', 'unknown_key', {
    'an alg that the named key is not for': (mint) =>
      mint.token({ header: { alg: mint.algorithm === 'RS256' ? 'PS256' : 'RS256' } }),
    'a foreign kid': (mint) => mint.token({ header: { kid: 'stranger' } }),
    'a key with a foreign kid in the header (jwk)': (mint) => {
      const stranger = strangerOf(mint)
      return stranger.token({ header: { kid: 'stranger', jwk: stranger.jwk } })
    },
  }),
  ...bad('algorithm', 'bad_signature', {
    "a stranger's key under our kid": (mint) => strangerOf(mint).token(),
    "a stranger's key carried in jwk": (mint) => {
      const stranger = strangerOf(mint)
      return stranger.token({ header: { jwk: stranger.jwk } })
    },
    "a stranger's key pointed at by jku": (mint) =>
      strangerOf(mint).token({ header: { jku: 'https://evil.example/jwks.json' } }),
    "a stranger's certificate in x5c and x5u": (mint) =>
      strangerOf(mint).token({ header: { x5c: ['MIIB'], x5u: 'https://evil.example/x.pem' } }),
    'a signature of zero bytes': (mint) => resigned(mint.token(), (old) => old.fill(0)),
    'a signature in DER': (mint) => resigned(mint.token(), (old) => formatDerSignature(old)),
    'a signature cut short': (mint) => resigned(mint.token(), (old) => old.subarray(0, -1)),
    'a signature with a byte more': (mint) =>
      resigned(mint.token(), (old) => Uint8Array.of(...old, 0)),
    'a changed payload': (mint) => {
      const [header, , signature] = mint.token().split('.')
      const [, payload] = mint.token({ claims: { scope: 'orders:read orders:write' } }).split('.')
      return `${header}.${payload}.${signature}`
    },
  }),

  ...bad('header', 'malformed_token', {
    'crit with an unknown name': (mint) => mint.token({ header: { crit: ['exp'], exp: 1 } }),
    'crit empty': (mint) => mint.token({ header: { crit: [] } }),
    'crit no list': (mint) => mint.token({ header: { crit: 'exp', exp: 1 } }),
    'crit naming an absent member': (mint) => mint.token({ header: { crit: ['absent'] } }),
    'crit naming alg': (mint) => mint.token({ header: { crit: ['alg'] } }),
    'b64 false, listed in crit': (mint) => mint.token({ header: { b64: false, crit: ['b64'] } }),
    'b64 false, not listed': (mint) => mint.token({ header: { b64: false } }),
    'ten thousand dots': () => '.'.repeat(10_000),
    'dots only': () => '..',
    'one part': (mint) => mint.token().replaceAll('.', ''),
    'two parts': (mint) => mint.token().split('.').slice(0, 2).join('.'),
    'four parts': (mint) => `${mint.token()}.AAAA`,
    'five parts, as an encrypted token has': (mint) => `${mint.token()}.AAAA.AAAA`,
    'a header nested too deep': (mint) => mint.token({ header: { deep: nested(40) } }),
    'a payload nested too deep': (mint) => mint.token({ claims: { deep: nested(40) } }),
    'a header that is a list': (mint) => mint.sign('[]', mint.claims()),
    'a header that is null': (mint) => mint.sign('null', mint.claims()),
    'a header that is no JSON': (mint) => mint.sign('alg', mint.claims()),
    padding: (mint) => `${mint.token()}==`,
    'the letters of plain base64': (mint) =>
      resignedText(mint.token(), (old) => `+/${old.slice(2)}`),
    'stray bits at the end': (mint) => resignedText(mint.token(), withStrayBits),
    'kid as a number': (mint) => mint.token({ header: { kid: 1 } }),
    'kid as a list': (mint) => mint.token({ header: { kid: [mint.kid] } }),
    'kid null': (mint) => mint.token({ header: { kid: null } }),
    'kid of 10 kB': (mint) => mint.token({ header: { kid: 'k'.repeat(10_000) } }),
  }),
  ...bad('header', 'unknown_key', {
    'kid __proto__': (mint) => mint.token({ header: { kid: '__proto__' } }),
    'kid constructor': (mint) => mint.token({ header: { kid: 'constructor' } }),
    'kid as a path': (mint) => mint.token({ header: { kid: '../../etc/passwd' } }),
    'kid with a line break': (mint) =>
      mint.token({ header: { kid: `${mint.kid}\r\nset-cookie: a` } }),
    'kid with a blank after it': (mint) => mint.token({ header: { kid: `${mint.kid} ` } }),
    'kid empty': (mint) => mint.token({ header: { kid: '' } }),
  }),
  ...bad('header', 'wrong_type', {
    'an ID token': (mint) => mint.token({ header: { typ: 'JWT' } }),
    'no typ': (mint) => mint.token({ header: { typ: undefined } }),
    'a DPoP proof': (mint) => mint.token({ header: { typ: 'dpop+jwt' } }),
    'a client assertion': (mint) => mint.token({ header: { typ: 'client-authentication+jwt' } }),
    'a logout token': (mint) => mint.token({ header: { typ: 'logout+jwt' } }),
    'typ that only starts well': (mint) => mint.token({ header: { typ: 'at+jwtx' } }),
    'typ with the prefix twice': (mint) =>
      mint.token({ header: { typ: 'application/application/at+jwt' } }),
  }),

  ...bad('claims', 'malformed_claims', {
    'iss as a list': (mint) => mint.token({ claims: { iss: [mint.issuer] } }),
    'no iss': (mint) => mint.token({ claims: { iss: undefined } }),
    'no sub': (mint) => mint.token({ claims: { sub: undefined } }),
    'sub as a number': (mint) => mint.token({ claims: { sub: 7 } }),
    'no client_id': (mint) => mint.token({ claims: { client_id: undefined } }),
    'no jti': (mint) => mint.token({ claims: { jti: undefined } }),
    'no iat': (mint) => mint.token({ claims: { iat: undefined } }),
    'iat as text': (mint) => mint.token({ claims: { iat: '1' } }),
    'no exp': (mint) => mint.token({ claims: { exp: undefined } }),
    'exp as text': (mint) => mint.token({ claims: { exp: '99999999999' } }),
    'exp null': (mint) => mint.token({ claims: { exp: null } }),
    'exp negative': (mint) => mint.token({ claims: { exp: -1 } }),
    'exp beyond all numbers': (mint) => withRawExp(mint, '1e400'),
    'exp of 1e300': (mint) => withRawExp(mint, '1e300'),
    'exp in milliseconds': (mint) => mint.token({ claims: { exp: mint.now() + 600_000 } }),
    'nbf as text': (mint) => mint.token({ claims: { nbf: '0' } }),
    'no aud': (mint) => mint.token({ claims: { aud: undefined } }),
    'aud empty': (mint) => mint.token({ claims: { aud: [] } }),
    'aud null': (mint) => mint.token({ claims: { aud: null } }),
    'aud in a list in a list': (mint) => mint.token({ claims: { aud: [[mint.audience]] } }),
    'aud with a member that is no string': (mint) =>
      mint.token({ claims: { aud: [mint.audience, 1] } }),
    'scope as a list': (mint) => mint.token({ claims: { scope: ['orders:read'] } }),
  }),
  ...bad('claims', 'malformed_token', {
    'a payload that is a list': (mint) =>
      mint.sign(honestHeader(mint), JSON.stringify([mint.claims()])),
    'a payload that is text': (mint) => mint.sign(honestHeader(mint), '"admin"'),
    'a payload that is empty': (mint) => mint.sign(honestHeader(mint), ''),
  }),
  ...bad('claims', 'wrong_issuer', {
    'another issuer': (mint) => mint.token({ claims: { iss: 'https://evil.example' } }),
    'an issuer that starts like ours': (mint) =>
      mint.token({ claims: { iss: `${mint.issuer}.evil.example` } }),
    'part of our issuer': (mint) => mint.token({ claims: { iss: mint.issuer.slice(0, -1) } }),
    'our issuer with a slash': (mint) => mint.token({ claims: { iss: `${mint.issuer}/` } }),
    'our issuer in capitals': (mint) => mint.token({ claims: { iss: mint.issuer.toUpperCase() } }),
  }),
  ...bad('claims', 'wrong_audience', {
    'another API': (mint) => mint.token({ claims: { aud: 'https://other.example' } }),
    'several other APIs': (mint) => mint.token({ claims: { aud: ['a', 'b'] } }),
    'an audience that starts like ours': (mint) =>
      mint.token({ claims: { aud: `${mint.audience}/more` } }),
    'our audience in capitals': (mint) =>
      mint.token({ claims: { aud: mint.audience.toUpperCase() } }),
  }),
  ...bad('claims', 'expired', {
    'expired two minutes ago': (mint) => mint.token({ claims: { exp: seconds(mint, -120) } }),
    'exp 0': (mint) => mint.token({ claims: { exp: 0 } }),
  }),
  ...bad('claims', 'not_yet_valid', {
    'valid in two minutes': (mint) => mint.token({ claims: { nbf: seconds(mint, 120) } }),
  }),
  ...bad('claims', 'issued_in_future', {
    'issued in two minutes': (mint) => mint.token({ claims: { iat: seconds(mint, 120) } }),
    'iat in milliseconds': (mint) => mint.token({ claims: { iat: mint.now() } }),
  }),
  ...bad('claims', 'binding_unsupported', {
    'bound by DPoP, sent as a bearer token': (mint) =>
      mint.token({ claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } } }),
    'bound to a certificate, sent as a bearer token': (mint) =>
      mint.token({
        claims: { cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' } },
      }),
    'an empty cnf': (mint) => mint.token({ claims: { cnf: {} } }),
    'cnf as text': (mint) => mint.token({ claims: { cnf: 'jkt' } }),
    'cnf as a list': (mint) => mint.token({ claims: { cnf: [{ jkt: 'a' }] } }),
    'a cnf of a kind nobody knows': (mint) => mint.token({ claims: { cnf: { kid: mint.kid } } }),
    'cnf null': (mint) => mint.token({ claims: { cnf: null } }),
  }),

  ...requests(401, undefined, 'no_credentials', {
    'the token under Basic': (mint) => `Basic ${mint.token()}`,
    'the token under BearerX': (mint) => `BearerX ${mint.token()}`,
    'the token under DPoP': (mint) => `DPoP ${mint.token()}`,
    'the bare token': (mint) => mint.token(),
    'a tab after Bearer': (mint) => `Bearer\t${mint.token()}`,
  }),
  ...requests(400, 'invalid_request', 'malformed_credentials', {
    'nothing after Bearer': () => 'Bearer',
    'two tokens in one header': (mint) => `Bearer ${mint.token()} ${mint.token()}`,
    'two headers joined into one': (mint) => `Bearer ${mint.token()}, Bearer ${mint.token()}`,
    'a Basic header joined before': (mint) => `Basic YTpi, Bearer ${mint.token()}`,
    'a Basic header joined after': (mint) => `Bearer ${mint.token()}, Basic YTpi`,
    'a token in quotes': (mint) => `Bearer "${mint.token()}"`,
    'a token as a parameter': (mint) => `Bearer token="${mint.token()}"`,
    'the JSON form of a JWS': (mint) => `Bearer {"payload":"${mint.token()}"}`,
  }),

  ...rights('insufficient_scope', {
    'no scope': (mint) => mint.token({ claims: { scope: undefined } }),
    'an empty scope': (mint) => mint.token({ claims: { scope: '' } }),
    'another scope': (mint) => mint.token({ claims: { scope: 'orders:write' } }),
    'a scope that starts like the one needed': (mint) =>
      mint.token({ claims: { scope: 'orders:reader orders' } }),
    'the scope in capitals': (mint) => mint.token({ claims: { scope: 'ORDERS:READ' } }),
    'the scope in other claims': (mint) =>
      mint.token({
        claims: { scope: undefined, scp: ['orders:read'], permissions: ['orders:read'] },
      }),
  }),
  ...rights('principal_kind', {
    "a user's token": (mint) => mint.token({ claims: { sub: 'user-1' } }),
    "a token whose subject only looks like the client's": (mint) =>
      mint.token({ claims: { sub: 'Billing' } }),
  }),
]

type Makers = Readonly<Record<string, (mint: TokenMint) => string>>

function bad(
  group: 'algorithm' | 'header' | 'claims',
  reason: DenialReason,
  makers: Makers,
): HostileToken[] {
  return Object.entries(makers).map(([name, make]) => ({
    name,
    group,
    authorization: (mint) => `Bearer ${make(mint)}`,
    status: 401,
    error: 'invalid_token',
    reason,
  }))
}

function requests(
  status: 400 | 401,
  error: 'invalid_request' | undefined,
  reason: DenialReason,
  makers: Makers,
): HostileToken[] {
  return Object.entries(makers).map(([name, authorization]) => ({
    name,
    group: 'request',
    authorization,
    status,
    error,
    reason,
  }))
}

function rights(reason: DenialReason, makers: Makers): HostileToken[] {
  return Object.entries(makers).map(([name, make]) => ({
    name,
    group: 'rights',
    authorization: (mint) => `Bearer ${make(mint)}`,
    status: 403,
    error: 'insufficient_scope',
    reason,
  }))
}
