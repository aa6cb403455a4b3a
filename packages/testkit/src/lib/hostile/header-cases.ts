import { badTokens, type HostileCase } from './hostile-case.ts'
import { honestHeader, nested, resignedText, withStrayBits } from './token-forgery.ts'

/** Tokens whose form or header is not what a signed JWT may have. */
export const HEADER_CASES: readonly HostileCase[] = [
  ...badTokens(
    'header',
    'RFC 7515 section 4.1.11; RFC 7797; CVE-2026-35042, CVE-2026-32597, CVE-2025-59420',
    'malformed_token',
    {
      'crit with an unknown name': (mint) => mint.token({ header: { crit: ['exp'], exp: 1 } }),
      'crit empty': (mint) => mint.token({ header: { crit: [] } }),
      'crit no list': (mint) => mint.token({ header: { crit: 'exp', exp: 1 } }),
      'crit null': (mint) => mint.token({ header: { crit: null } }),
      'crit naming an absent member': (mint) => mint.token({ header: { crit: ['absent'] } }),
      'crit naming alg': (mint) => mint.token({ header: { crit: ['alg'] } }),
      'b64 false, listed in crit': (mint) => mint.token({ header: { b64: false, crit: ['b64'] } }),
      'b64 true, listed in crit': (mint) => mint.token({ header: { b64: true, crit: ['b64'] } }),
      'b64 false, not listed': (mint) => mint.token({ header: { b64: false } }),
    },
  ),
  ...badTokens(
    'header',
    'RFC 7515 sections 3.1 and 7.1; CVE-2025-30204, CVE-2025-27144',
    'malformed_token',
    {
      'ten thousand dots': () => '.'.repeat(10_000),
      'dots only': () => '..',
      'one part': (mint) => mint.token().replaceAll('.', ''),
      'two parts': (mint) => mint.token().split('.').slice(0, 2).join('.'),
      'four parts': (mint) => `${mint.token()}.AAAA`,
      'five parts, as an encrypted token has': (mint) => `${mint.token()}.AAAA.AAAA`,
      'no header': (mint) => mint.token().replace(/^[^.]+/, ''),
      'no payload': (mint) => mint.token().replace(/\.[^.]+\./, '..'),
      'an opaque text': () => 'mF_9.B5f-4.1JqM',
      'another opaque text': () => '2YotnFZFEjr1zCsicMWpAA',
    },
  ),
  ...badTokens('header', 'RFC 8725 section 3.7; CVE-2025-53864', 'malformed_token', {
    'a header nested too deep': (mint) => mint.token({ header: { deep: nested(40) } }),
    'a header nested very deep': (mint) => mint.token({ header: { deep: nested(3000) } }),
    'a payload nested too deep': (mint) => mint.token({ claims: { deep: nested(40) } }),
    'a payload nested very deep': (mint) => mint.token({ claims: { deep: nested(3000) } }),
    'a header that is a list': (mint) => mint.sign('[]', mint.claims()),
    'a header that is null': (mint) => mint.sign('null', mint.claims()),
    'a header that is text': (mint) => mint.sign('"alg"', mint.claims()),
    'a header that is no JSON': (mint) => mint.sign('alg', mint.claims()),
    'a header after a byte order mark': (mint) =>
      mint.sign(`\ufeff${JSON.stringify(honestHeader(mint))}`, mint.claims()),
    'a header with more behind it': (mint) =>
      mint.sign(`${JSON.stringify(honestHeader(mint))}{}`, mint.claims()),
    'a header that is not UTF-8': (mint) =>
      mint.sign(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), mint.claims()),
  }),
  ...badTokens('header', 'RFC 7515 section 2; RFC 4648 sections 3.2 to 3.5', 'malformed_token', {
    padding: (mint) => `${mint.token()}==`,
    'the letters of plain base64': (mint) =>
      resignedText(mint.token(), (old) => `+/${old.slice(2)}`),
    'stray bits at the end': (mint) => resignedText(mint.token(), withStrayBits),
    'a signature of one letter': (mint) => resignedText(mint.token(), () => 'A'),
    'a tilde in the payload': (mint) => mint.token().replace(/\.(.)/, '.~'),
  }),
  ...badTokens('header', 'RFC 7515 section 4.1.4', 'malformed_token', {
    'kid as a number': (mint) => mint.token({ header: { kid: 1 } }),
    'kid as a list': (mint) => mint.token({ header: { kid: [mint.kid] } }),
    'kid as an object': (mint) => mint.token({ header: { kid: { kid: mint.kid } } }),
    'kid null': (mint) => mint.token({ header: { kid: null } }),
    'kid of 10 kB': (mint) => mint.token({ header: { kid: 'k'.repeat(10_000) } }),
    'typ as a list': (mint) => mint.token({ header: { typ: ['at+jwt'] } }),
  }),
  ...badTokens('header', 'RFC 7515 section 4.1.4; CWE-918, CWE-22, CWE-1321', 'unknown_key', {
    'kid __proto__': (mint) => mint.token({ header: { kid: '__proto__' } }),
    'kid constructor': (mint) => mint.token({ header: { kid: 'constructor' } }),
    'kid as a path': (mint) => mint.token({ header: { kid: '../../etc/passwd' } }),
    'kid of a file that is empty': (mint) => mint.token({ header: { kid: '/dev/null' } }),
    'kid as an address': (mint) => mint.token({ header: { kid: '@evil.example/jwks' } }),
    'kid for a database': (mint) => mint.token({ header: { kid: "' OR '1'='1" } }),
    'kid with a line break': (mint) =>
      mint.token({ header: { kid: `${mint.kid}\r\nset-cookie: a` } }),
    'kid with a NUL': (mint) => mint.token({ header: { kid: `${mint.kid}\u0000` } }),
    'kid with a blank after it': (mint) => mint.token({ header: { kid: `${mint.kid} ` } }),
    'kid of our issuer and ours in one': (mint) =>
      mint.token({ header: { kid: `${mint.issuer}:${mint.kid}` } }),
    'kid empty': (mint) => mint.token({ header: { kid: '' } }),
  }),
  ...badTokens('rfc9068', 'RFC 9068 sections 2.1 and 4; RFC 8725 section 3.11', 'wrong_type', {
    'an ID token': (mint) => mint.token({ header: { typ: 'JWT' } }),
    'no typ': (mint) => mint.token({ header: { typ: undefined } }),
    'a DPoP proof': (mint) => mint.token({ header: { typ: 'dpop+jwt' } }),
    'a client assertion': (mint) => mint.token({ header: { typ: 'client-authentication+jwt' } }),
    'a logout token': (mint) => mint.token({ header: { typ: 'logout+jwt' } }),
    'a signed answer of introspection': (mint) =>
      mint.token({ header: { typ: 'token-introspection+jwt' } }),
    'a security event': (mint) => mint.token({ header: { typ: 'secevent+jwt' } }),
    'typ empty': (mint) => mint.token({ header: { typ: '' } }),
    'typ that only starts well': (mint) => mint.token({ header: { typ: 'at+jwtx' } }),
    'typ with the prefix twice': (mint) =>
      mint.token({ header: { typ: 'application/application/at+jwt' } }),
  }),
]
