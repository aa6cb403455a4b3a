import {
  ArgumentError,
  assertKnownOptions,
  isInRanges,
  parseAddressRange,
  type AddressRange,
} from '@countersign/protocol'
import type {
  CertificateFormat,
  ProxiedRequest,
  ProxyCertificateOptions,
} from './proxy-certificate.ts'

/** The options, checked and complete. */
export interface ProxyCertificateSettings {
  readonly format: CertificateFormat
  readonly header: string
  readonly verified: NonNullable<ProxyCertificateOptions['verified']>
  /** Whether a request comes from a proxy that is believed. */
  isProxy(request: ProxiedRequest): boolean
}

const CALLER = 'proxyCertificates'
const NAMES: readonly (keyof ProxyCertificateOptions)[] = [
  'format',
  'trustedProxies',
  'secret',
  'header',
  'verified',
]
const DEFAULT_HEADERS: ReadonlyMap<unknown, string | undefined> = new Map([
  ['rfc9440', 'client-cert'],
  ['escaped-pem', undefined],
  ['base64-der', undefined],
  ['xfcc', 'x-forwarded-client-cert'],
])
const MIN_SECRET = 32
const MAX_SECRETS = 8

/** Throws: `ArgumentError`, naming the option. */
export function readProxyCertificateOptions(
  options: ProxyCertificateOptions,
): ProxyCertificateSettings {
  assertKnownOptions(CALLER, options, NAMES)
  const given: ProxyCertificateOptions = options
  const { format, trustedProxies, header, verified = 'never' } = given
  if (!DEFAULT_HEADERS.has(format)) {
    throw invalid('format', `must be one of ${[...DEFAULT_HEADERS.keys()].join(', ')}`)
  }
  const secret = readSecret(given.secret)
  const ranges =
    trustedProxies === undefined && secret !== undefined ? undefined : readRanges(trustedProxies)
  return {
    format,
    header: readHeaderName('header', header ?? DEFAULT_HEADERS.get(format)),
    verified: readVerified(verified),
    isProxy: ({ headers, remoteAddress }) =>
      (ranges === undefined ||
        (remoteAddress !== undefined && isInRanges(remoteAddress, ranges))) &&
      (secret === undefined || isOneOf(headers.get(secret.header) ?? '', secret.values)),
  }
}

function readRanges(trustedProxies: unknown): readonly AddressRange[] {
  if (!Array.isArray(trustedProxies) || trustedProxies.length === 0) {
    throw invalid('trustedProxies', 'must be a list of addresses or ranges')
  }
  return trustedProxies.map((text: unknown, index) => {
    const range = parseAddressRange(typeof text === 'string' ? text : '')
    if (!range.ok) throw invalid(`trustedProxies[${index}]`, range.reason)
    return range.value
  })
}

function readSecret(secret: ProxyCertificateOptions['secret']): ProxyCertificateOptions['secret'] {
  if (secret === undefined) return undefined
  const values: unknown = secret?.values
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_SECRETS) {
    throw invalid('secret', `must be a header and 1 to ${MAX_SECRETS} values`)
  }
  for (const value of values as readonly unknown[]) {
    if (typeof value !== 'string' || !VISIBLE.test(value) || value.length < MIN_SECRET) {
      throw invalid('secret.values', `must be visible ASCII, ${MIN_SECRET} characters or more`)
    }
  }
  return { header: readHeaderName('secret.header', secret.header), values: [...values] }
}

/** A comma would not be told from two headers. */
const VISIBLE = /^[!-+\--~]+$/

function readVerified(verified: ProxyCertificateSettings['verified']): typeof verified {
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

/** Looks at every secret, each in a time that depends on the lengths alone. */
function isOneOf(given: string, secrets: readonly string[]): boolean {
  let isKnown = false
  for (const secret of secrets) {
    if (secret.length !== given.length) continue
    let difference = 0
    for (let i = 0; i < secret.length; i++) difference |= secret.charCodeAt(i) ^ given.charCodeAt(i)
    if (difference === 0) isKnown = true
  }
  return isKnown
}
