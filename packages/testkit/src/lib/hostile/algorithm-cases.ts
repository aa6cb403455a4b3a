import { formatDerSignature } from '@countersign/protocol'
import { badTokens, type HostileCase } from './hostile-case.ts'
import { der, hmac, pem, resigned, sshText, strangerOf } from './token-forgery.ts'

/** Tokens that try to choose the algorithm or the key they are checked with. */
export const ALGORITHM_CASES: readonly HostileCase[] = [
  ...badTokens(
    'algorithm',
    'RFC 8725 section 3.1; CVE-2023-48223, CVE-2026-34950, CVE-2022-29217',
    'algorithm_not_allowed',
    {
      'HS256 keyed by our public key in PEM': (mint) => hmac(mint, pem(mint)),
      'HS384 keyed by our public key in PEM': (mint) => hmac(mint, pem(mint), 'HS384'),
      'HS512 keyed by our public key in PEM': (mint) => hmac(mint, pem(mint), 'HS512'),
      'HS256 keyed by the PEM without its last line break': (mint) =>
        hmac(mint, pem(mint).trimEnd()),
      'HS256 keyed by the PEM after a blank': (mint) => hmac(mint, ` ${pem(mint)}`),
      'HS256 keyed by the PEM after a byte order mark': (mint) => hmac(mint, `\ufeff${pem(mint)}`),
      'HS256 keyed by the PEM with CRLF': (mint) => hmac(mint, pem(mint).replaceAll('\n', '\r\n')),
      'HS256 keyed by the PEM after a comment': (mint) => hmac(mint, `# key\n${pem(mint)}`),
      'HS256 keyed by our public key in DER': (mint) => hmac(mint, der(mint)),
      'HS256 keyed by our public key as SSH writes it': (mint) => hmac(mint, sshText(mint)),
      'HS256 keyed by our JWK text': (mint) => hmac(mint, JSON.stringify(mint.jwk)),
      'HS256 keyed by our JWK set': (mint) => hmac(mint, JSON.stringify(mint.jwks)),
      'HS256 keyed by the kid': (mint) => hmac(mint, mint.kid),
      'HS256 keyed by the empty secret': (mint) => hmac(mint, ''),
      'HS256 keyed by one zero byte': (mint) => hmac(mint, Uint8Array.of(0)),
      'HS256 keyed by a secret of the textbooks': (mint) => hmac(mint, 'secret'),
    },
  ),
  ...badTokens('algorithm', 'RFC 8725 section 3.2; CVE-2022-23540', 'algorithm_not_allowed', {
    'alg none, with a signature': (mint) => mint.token({ header: { alg: 'none' } }),
    'alg None': (mint) => mint.token({ header: { alg: 'None' } }),
    'alg NONE': (mint) => mint.token({ header: { alg: 'NONE' } }),
    'alg nOnE': (mint) => mint.token({ header: { alg: 'nOnE' } }),
    'alg none with a blank': (mint) => mint.token({ header: { alg: 'none ' } }),
    'alg none with a NUL': (mint) => mint.token({ header: { alg: 'none\u0000' } }),
    'alg in lower case': (mint) => mint.token({ header: { alg: mint.algorithm.toLowerCase() } }),
    'alg with a blank': (mint) => mint.token({ header: { alg: `${mint.algorithm} ` } }),
    'alg of a stronger sibling': (mint) => mint.token({ header: { alg: 'ES512' } }),
    'alg of another curve': (mint) => mint.token({ header: { alg: 'ES256K' } }),
    'alg of a key wrapping': (mint) => mint.token({ header: { alg: 'dir' } }),
    'alg __proto__': (mint) => mint.token({ header: { alg: '__proto__' } }),
    'alg twice, the last one none': (mint) =>
      mint.sign(
        `{"typ":"at+jwt","kid":${JSON.stringify(mint.kid)},"alg":"${mint.algorithm}","alg":"none"}`,
        mint.claims(),
      ),
  }),
  ...badTokens('algorithm', 'RFC 7515 section 4.1.1', 'malformed_token', {
    'alg none without a signature': (mint) => {
      const token = mint.token({ header: { alg: 'none' } })
      return token.slice(0, token.lastIndexOf('.') + 1)
    },
    'our alg without a signature': (mint) => {
      const token = mint.token()
      return token.slice(0, token.lastIndexOf('.') + 1)
    },
    'no alg': (mint) => mint.token({ header: { alg: undefined } }),
    'alg empty': (mint) => mint.token({ header: { alg: '' } }),
    'alg null': (mint) => mint.token({ header: { alg: null } }),
    'alg as a number': (mint) => mint.token({ header: { alg: 256 } }),
    'alg as a list': (mint) => mint.token({ header: { alg: [mint.algorithm] } }),
  }),
  ...badTokens('algorithm', 'RFC 8725 sections 3.1 and 3.10', 'unknown_key', {
    'an alg that the named key is not for': (mint) =>
      mint.token({ header: { alg: mint.algorithm === 'RS256' ? 'PS256' : 'RS256' } }),
    'a foreign kid': (mint) => mint.token({ header: { kid: 'stranger' } }),
    'a key with a foreign kid in the header (jwk)': (mint) => {
      const stranger = strangerOf(mint)
      return stranger.token({ header: { kid: 'stranger', jwk: stranger.jwk } })
    },
  }),
  ...badTokens(
    'algorithm',
    'RFC 8725 sections 3.1 and 3.10; RFC 7515 section 5.2',
    'bad_signature',
    {
      "a stranger's key under our kid": (mint) => strangerOf(mint).token(),
      "a stranger's key without a kid": (mint) =>
        strangerOf(mint).token({ header: { kid: undefined } }),
      "a stranger's key carried in jwk": (mint) => {
        const stranger = strangerOf(mint)
        return stranger.token({ header: { jwk: stranger.jwk } })
      },
      "a stranger's key pointed at by jku": (mint) =>
        strangerOf(mint).token({ header: { jku: 'https://evil.example/jwks.json' } }),
      "a stranger's certificate in x5c and x5u": (mint) =>
        strangerOf(mint).token({ header: { x5c: ['MIIB'], x5u: 'https://evil.example/x.pem' } }),
      'a signature of zero bytes': (mint) => resigned(mint.token(), (old) => old.fill(0)),
      'a signature of bytes that are all set': (mint) =>
        resigned(mint.token(), (old) => old.fill(255)),
      'a signature of one byte': (mint) => resigned(mint.token(), () => Uint8Array.of(0)),
      'a signature in DER': (mint) => resigned(mint.token(), (old) => formatDerSignature(old)),
      'a signature cut short': (mint) => resigned(mint.token(), (old) => old.subarray(0, -1)),
      'a signature with a byte more': (mint) =>
        resigned(mint.token(), (old) => Uint8Array.of(...old, 0)),
      'the signature of another token': (mint) => {
        const [header, payload] = mint.token().split('.')
        return `${header}.${payload}.${mint.token().split('.')[2]}`
      },
      'a changed payload': (mint) => {
        const [header, , signature] = mint.token().split('.')
        const [, payload] = mint.token({ claims: { scope: `${mint.scope} admin` } }).split('.')
        return `${header}.${payload}.${signature}`
      },
      'a changed header': (mint) => {
        const [, payload, signature] = mint.token().split('.')
        const [header] = mint.token({ header: { cty: 'text' } }).split('.')
        return `${header}.${payload}.${signature}`
      },
    },
  ),
]
