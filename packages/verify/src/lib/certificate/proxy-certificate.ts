import {
  formatBase64url,
  parseBase64Der,
  parseClientCert,
  parseEscapedPem,
  parseForwardedClientCert,
  type Parsed,
} from '@countersign/protocol'
import { recentlyUsed } from '../recently-used.ts'
import { readClientCertificate, type CertificateReading } from './client-certificate.ts'
import { readProxyCertificateOptions } from './proxy-certificate-options.ts'

/** How a proxy writes the certificate into a header. */
export type CertificateFormat =
  /** `Client-Cert` of RFC 9440. */
  | 'rfc9440'
  /** A PEM text escaped as in a URL: `$ssl_client_escaped_cert` of nginx. */
  | 'escaped-pem'
  /** DER as base64: `ssl_c_der,base64` of HAProxy. */
  | 'base64-der'
  /** `x-forwarded-client-cert` of Envoy, with `Cert` in it, or with `Hash` alone: a digest, no names. */
  | 'xfcc'

/** How certificates come from a proxy. */
export interface ProxyCertificateOptions {
  readonly format: CertificateFormat
  /**
   * Addresses or ranges of the proxies, such as `10.0.0.0/8`. They must replace what clients send in
   * the header by what they know, or take it away. Needed where there is no `secret`.
   */
  readonly trustedProxies?: readonly string[]
  /**
   * A header that the proxies add and nobody else can: for runtimes that do not say who is at the other
   * end. Its value is one of these, 32 characters or more each, the newest first. With `trustedProxies`
   * both are demanded.
   */
  readonly secret?: { readonly header: string; readonly values: readonly string[] }
  /** Default: `client-cert`, and `x-forwarded-client-cert` for Envoy. Needed for the other formats. */
  readonly header?: string
  /**
   * How the proxy says that the chain is good: a header and the one value of it that says so, such as
   * `SUCCESS` of nginx' `$ssl_client_verify`; `always` where it lets nobody in otherwise. Default
   * `never`: the thumbprint counts, the names do not.
   */
  readonly verified?: 'always' | 'never' | { readonly header: string; readonly value: string }
}

/** A request that may have come through a proxy. */
export interface ProxiedRequest {
  readonly headers: { get(name: string): string | null }
  /** The address at the other end of the connection itself, never one from a header. */
  readonly remoteAddress: string | undefined
}

/** What a proxy says of the client's certificate. */
export type ProxiedCertificateReading =
  | CertificateReading
  /** No more of it than its SHA-256 thumbprint, base64url. It has no names. */
  | { readonly kind: 'digest'; readonly thumbprint: string }

/** Reads what a proxy says of the client's certificate. */
export interface ProxyCertificates {
  (request: ProxiedRequest): Promise<ProxiedCertificateReading>
  /** Whether the header is there, and came from somebody who may not send it. */
  isForeign(request: ProxiedRequest): boolean
}

/**
 * Reads the client certificate that a proxy puts into a header. Make one reader and keep it.
 *
 * The header is believed when the connection comes from a trusted proxy. From anybody else it is
 * refused, not passed over: somebody tries to be somebody.
 * Throws: `ArgumentError`, naming the option.
 * Source: RFC 9440 sections 2 and 4; RFC 8705 section 6.5.
 */
export function proxyCertificates(options: ProxyCertificateOptions): ProxyCertificates {
  const { format, header, verified, isProxy } = readProxyCertificateOptions(options)
  /** What fields say, by the field, but for the verdict on the chain, which is of each request. */
  const kept = recentlyUsed<ProxiedCertificateReading>(MAX_KEPT)

  const fieldOf = ({ headers }: ProxiedRequest): string | undefined => {
    const field = headers.get(header)
    return field === null || field.trim() === '' ? undefined : field
  }

  const read = async (request: ProxiedRequest): Promise<ProxiedCertificateReading> => {
    const { headers } = request
    const field = fieldOf(request)
    if (field === undefined) return { kind: 'none' }
    if (!isProxy(request)) return { kind: 'refused', reason: 'untrusted_proxy' }
    const known = kept.get(field)
    const reading = known ?? (await readField(field, format))
    if (reading.kind !== 'presented') return reading
    if (known === undefined && field.length <= MAX_KEPT_FIELD) kept.set(field, reading)
    const isVerified =
      typeof verified === 'string'
        ? verified === 'always'
        : headers.get(verified.header) === verified.value
    return { kind: 'presented', certificate: { ...reading.certificate, verified: isVerified } }
  }

  return Object.assign(read, {
    isForeign: (request: ProxiedRequest) => fieldOf(request) !== undefined && !isProxy(request),
  })
}

/** Certificates that are kept, and the longest field of one. A client presents one again and again. */
const MAX_KEPT = 128
const MAX_KEPT_FIELD = 8192

async function readField(
  field: string,
  format: CertificateFormat,
): Promise<ProxiedCertificateReading> {
  const found = find(field, format)
  if (!found.ok) {
    return { kind: 'refused', reason: isSeveral(field, format) ? 'several' : 'malformed' }
  }
  const { der, thumbprint } = found.value
  if (der === undefined) return { kind: 'digest', thumbprint }
  const reading = await readClientCertificate(der, { verified: false })
  if (reading.kind !== 'presented' || thumbprint === undefined) return reading
  const isOne = reading.certificate.thumbprint === thumbprint
  return isOne ? reading : { kind: 'refused', reason: 'malformed' }
}

/** A comma is in no certificate: it joins headers, or what several proxies have added. */
function isSeveral(field: string, format: CertificateFormat): boolean {
  return (format === 'xfcc' ? field.replaceAll(/"(?:[^"\\]|\\.)*"/g, '') : field).includes(',')
}

/** What a field holds: the certificate, its digest as the proxy computed it, or both. */
type Found =
  | { readonly der: Uint8Array<ArrayBuffer>; readonly thumbprint?: string | undefined }
  | { readonly der: undefined; readonly thumbprint: string }

function find(field: string, format: CertificateFormat): Parsed<Found> {
  if (format === 'xfcc') {
    const parsed = parseForwardedClientCert(field)
    if (!parsed.ok) return parsed
    const { der, hash } = parsed.value
    if (der === undefined) return { ok: true, value: { der, thumbprint: toBase64url(hash) } }
    return { ok: true, value: { der, thumbprint: hash && toBase64url(hash) } }
  }
  const der = DER_PARSERS[format](field)
  return der.ok ? { ok: true, value: { der: der.value } } : der
}

const DER_PARSERS = {
  rfc9440: parseClientCert,
  'escaped-pem': parseEscapedPem,
  'base64-der': parseBase64Der,
}

function toBase64url(hex: string): string {
  return formatBase64url(
    Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  )
}
