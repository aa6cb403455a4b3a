import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { parseBase64, parsePemCertificate } from './certificate-text.ts'

/** Longest field with a certificate that is looked at, in characters. */
export const MAX_CERTIFICATE_FIELD = 65_536

/**
 * The certificate of a `Client-Cert` field: one byte sequence, and neither a list nor parameters.
 *
 * Source: RFC 9440 section 2.2; RFC 9651 section 3.3.5.
 */
export function parseClientCert(field: string): Parsed<Uint8Array<ArrayBuffer>> {
  if (field.length > MAX_CERTIFICATE_FIELD) return TOO_LONG
  const base64 = /^ *:([a-z\d+/=]*): *$/i.exec(field)?.[1]
  const der = base64 === undefined ? undefined : parseBase64(base64)
  return der === undefined ? unparsed('Client-Cert', 'is not one byte sequence') : parsed(der)
}

/** A `Client-Cert` field for a certificate in DER. Source: RFC 9440 section 2.2. */
export function formatClientCert(der: Uint8Array): string {
  return `:${btoa(Array.from(der, (byte) => String.fromCharCode(byte)).join(''))}:`
}

/** The certificate in a field that holds a PEM text escaped as in a URL: `$ssl_client_escaped_cert`. */
export function parseEscapedPem(field: string): Parsed<Uint8Array<ArrayBuffer>> {
  if (field.length > MAX_CERTIFICATE_FIELD) return TOO_LONG
  const pem = unescaped(field)
  const der = pem === undefined ? undefined : parsePemCertificate(pem)
  return der === undefined ? unparsed('certificate', 'is not one escaped PEM text') : parsed(der)
}

/** The certificate in a field that holds its DER as base64. */
export function parseBase64Der(field: string): Parsed<Uint8Array<ArrayBuffer>> {
  if (field.length > MAX_CERTIFICATE_FIELD) return TOO_LONG
  const der = parseBase64(field)
  return der === undefined || der.length === 0
    ? unparsed('certificate', 'is not base64')
    : parsed(der)
}

/** What one element of `x-forwarded-client-cert` says: the certificate, its digest, or both. */
export type ForwardedClientCert =
  | {
      readonly der: Uint8Array<ArrayBuffer>
      /** The SHA-256 digest of the certificate as the proxy computed it, hex digits in lower case. */
      readonly hash: string | undefined
    }
  | { readonly der: undefined; readonly hash: string }

/**
 * The certificate of an `x-forwarded-client-cert` field with one element, which must have `Cert` or
 * `Hash`. `Subject`, `URI` and `DNS`, which are parts of the certificate, are not looked at.
 *
 * Several elements are several proxies in a row, and only the proxies know which to believe.
 * Source: Envoy's HTTP connection manager, `x-forwarded-client-cert`.
 */
export function parseForwardedClientCert(field: string): Parsed<ForwardedClientCert> {
  if (field.length > MAX_CERTIFICATE_FIELD) return TOO_LONG
  const pairs = new Map<string, string>()
  let rest = field.trim()
  for (;;) {
    const [whole, key = '', quoted, bare = '', end = ''] = PAIR.exec(rest) ?? []
    if (whole === undefined) return MALFORMED
    // A name may come several times (DNS, URI); what is read here may not.
    const name = key.toLowerCase()
    if (pairs.has(name) && (name === 'cert' || name === 'hash')) return MALFORMED
    pairs.set(name, quoted?.replaceAll(/\\(.)/g, '$1') ?? bare)
    rest = rest.slice(whole.length)
    if (end === '') break
  }
  const hash = pairs.get('hash')?.toLowerCase()
  if (hash !== undefined && !/^[\da-f]{64}$/.test(hash)) return MALFORMED
  const cert = pairs.get('cert')
  if (cert === undefined) return hash === undefined ? NO_CERTIFICATE : parsed({ der: cert, hash })
  const der = parseEscapedPem(cert)
  return der.ok ? parsed({ der: der.value, hash }) : der
}

/**
 * An `x-forwarded-client-cert` element as Envoy writes it. Values other than `Hash` are quoted; what is in
 * them is escaped.
 */
export function formatForwardedClientCert(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .map(([key, value]) =>
      key === 'Hash' ? `Hash=${value}` : `${key}="${value.replaceAll(/["\\]/g, '\\$&')}"`,
    )
    .join(';')
}

/** A key, a quoted or a bare value, and the sign that another pair follows. A comma is in no bare value. */
const PAIR = /^([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))(?:(;)|$)/i
const MALFORMED = unparsed('x-forwarded-client-cert', 'is not one element of key=value pairs')
const NO_CERTIFICATE = unparsed(
  'x-forwarded-client-cert',
  'has neither Cert nor Hash: let the proxy set one of them',
)
const TOO_LONG = unparsed('certificate', 'is too long')

function unescaped(field: string): string | undefined {
  try {
    return decodeURIComponent(field)
  } catch {
    return undefined
  }
}
