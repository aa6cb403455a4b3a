import {
  ArgumentError,
  assertKnownOptions,
  formatBase64url,
  isInRanges,
  parseAddressRange,
  parseBase64Der,
  parseClientCert,
  parseEscapedPem,
  parseForwardedClientCert,
  type AddressRange,
  type Parsed,
} from '@countersign/protocol'
import { recentlyUsed } from '../recently-used.ts'
import { readClientCertificate, type CertificateReading } from './client-certificate.ts'

/** How a proxy writes the certificate into a header. */
export type CertificateFormat =
  /** `Client-Cert` of RFC 9440. */
  | 'rfc9440'
  /** A PEM text escaped as in a URL: `$ssl_client_escaped_cert` of nginx. */
  | 'escaped-pem'
  /** DER as base64: `ssl_c_der,base64` of HAProxy. */
  | 'base64-der'
  /** `x-forwarded-client-cert` of Envoy, with `Cert` in it. */
  | 'xfcc'

/** How certificates come from a proxy. */
export interface ProxyCertificateOptions {
  readonly format: CertificateFormat
  /**
   * Addresses or ranges of the proxies, such as `10.0.0.0/8`. They must replace what clients send in
   * the header by what they know, or take it away.
   */
  readonly trustedProxies: readonly string[]
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

/**
 * Reads the client certificate that a proxy puts into a header. Make one reader and keep it.
 *
 * The header is believed when the connection comes from a trusted proxy. From anybody else it is
 * refused, not passed over: somebody tries to be somebody.
 * Throws: `ArgumentError`, naming the option.
 * Source: RFC 9440 sections 2 and 4; RFC 8705 section 6.5.
 */
export function proxyCertificates(
  options: ProxyCertificateOptions,
): (request: ProxiedRequest) => Promise<CertificateReading> {
  const { format, ranges, header, verified } = readOptions(options)
  /** What fields say, by the field, but for the verdict on the chain, which is of each request. */
  const kept = recentlyUsed<CertificateReading>(MAX_KEPT)

  return async ({ headers, remoteAddress }) => {
    const field = headers.get(header)
    if (field === null || field.trim() === '') return { kind: 'none' }
    if (remoteAddress === undefined || !isInRanges(remoteAddress, ranges)) {
      return { kind: 'refused', reason: 'untrusted_proxy' }
    }
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
}

/** Certificates that are kept, and the longest field of one. A client presents one again and again. */
const MAX_KEPT = 128
const MAX_KEPT_FIELD = 8192

async function readField(field: string, format: CertificateFormat): Promise<CertificateReading> {
  const der = readDer(field, format)
  if (!der.ok)
    return { kind: 'refused', reason: isSeveral(field, format) ? 'several' : 'malformed' }
  const reading = await readClientCertificate(der.value, { verified: false })
  if (reading.kind !== 'presented' || der.hash === undefined) return reading
  const isOne = reading.certificate.thumbprint === der.hash
  return isOne ? reading : { kind: 'refused', reason: 'malformed' }
}

/** A comma is in no certificate: it joins headers, or what several proxies have added. */
function isSeveral(field: string, format: CertificateFormat): boolean {
  return (format === 'xfcc' ? field.replaceAll(/"(?:[^"\\]|\\.)*"/g, '') : field).includes(',')
}

function readDer(
  field: string,
  format: CertificateFormat,
): Parsed<Uint8Array<ArrayBuffer>> & { readonly hash?: string | undefined } {
  if (format === 'rfc9440') return parseClientCert(field)
  if (format === 'escaped-pem') return parseEscapedPem(field)
  if (format === 'base64-der') return parseBase64Der(field)
  const parsed = parseForwardedClientCert(field)
  if (!parsed.ok) return parsed
  const { der, hash } = parsed.value
  const bytes =
    hash && Uint8Array.from(hash.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return { ok: true, value: der, hash: bytes ? formatBase64url(bytes) : undefined }
}

const CALLER = 'proxyCertificates'
const NAMES: readonly (keyof ProxyCertificateOptions)[] = [
  'format',
  'trustedProxies',
  'header',
  'verified',
]
const DEFAULT_HEADERS: ReadonlyMap<unknown, string | undefined> = new Map([
  ['rfc9440', 'client-cert'],
  ['escaped-pem', undefined],
  ['base64-der', undefined],
  ['xfcc', 'x-forwarded-client-cert'],
])

interface Settings {
  readonly format: CertificateFormat
  readonly ranges: readonly AddressRange[]
  readonly header: string
  readonly verified: 'always' | 'never' | { readonly header: string; readonly value: string }
}

function readOptions(options: ProxyCertificateOptions): Settings {
  assertKnownOptions(CALLER, options, NAMES)
  const { format, trustedProxies, header, verified = 'never' }: ProxyCertificateOptions = options
  if (!DEFAULT_HEADERS.has(format)) {
    throw invalid('format', `must be one of ${[...DEFAULT_HEADERS.keys()].join(', ')}`)
  }
  if (!Array.isArray(trustedProxies) || trustedProxies.length === 0) {
    throw invalid('trustedProxies', 'must be a list of addresses or ranges')
  }
  const ranges = trustedProxies.map((text: unknown, index) => {
    const range = parseAddressRange(typeof text === 'string' ? text : '')
    if (!range.ok) throw invalid(`trustedProxies[${index}]`, range.reason)
    return range.value
  })
  return {
    format,
    ranges,
    header: readHeaderName('header', header ?? DEFAULT_HEADERS.get(format)),
    verified: readVerified(verified),
  }
}

function readVerified(verified: Settings['verified']): Settings['verified'] {
  if (verified === 'always' || verified === 'never') return verified
  if (
    typeof verified !== 'object' ||
    typeof verified?.value !== 'string' ||
    verified.value === ''
  ) {
    throw invalid('verified', "must be 'always', 'never' or a header and its value")
  }
  return {
    header: readHeaderName('verified.header', verified.header),
    value: verified.value,
  }
}

function readHeaderName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^[\w-]+$/.test(name)) return name.toLowerCase()
  throw invalid(option, 'must be the name of a header')
}

function invalid(option: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${message}`)
}
