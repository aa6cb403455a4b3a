import { formatIpAddress } from '../address/ip-address.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { formatHex, readAscii, readDirectoryText } from './attribute-value.ts'
import { DER, readDer, readInside, readOid, type DerElement } from './der.ts'
import {
  formatDistinguishedName,
  type DistinguishedName,
  type NameAttribute,
} from './distinguished-name.ts'

/** What an X.509 certificate says of its holder. Nothing of it has been verified. */
export interface Certificate {
  /** The whole certificate. */
  readonly der: Uint8Array<ArrayBuffer>
  /** The subject as RFC 4514 writes it, such as `CN=billing,O=Example`; empty where there is none. */
  readonly subjectDn: string
  readonly issuerDn: string
  /** In hex digits. */
  readonly serialNumber: string
  /** Epoch milliseconds. */
  readonly notBeforeAt: number
  /** Epoch milliseconds: the last instant at which it is valid. */
  readonly notAfterAt: number
  /** Subject alternative names, by kind, letter by letter as they stand. */
  readonly sanDns: readonly string[]
  readonly sanUri: readonly string[]
  readonly sanEmail: readonly string[]
  /** As text in canonical form. */
  readonly sanIp: readonly string[]
}

/** Longest certificate that is looked at, in bytes. */
export const MAX_CERTIFICATE = 65_536

/**
 * Reads an X.509 certificate out of its DER: names and dates, and no key or signature.
 *
 * Strict: trailing bytes, lengths in a longer form than needed, a repeated extension and names with
 * control characters are refused, so that no two readers see two names in one certificate.
 * Source: RFC 5280 sections 4.1 and 4.2.1.6.
 */
export function parseCertificate(der: Uint8Array<ArrayBuffer>): Parsed<Certificate> {
  if (der.length > MAX_CERTIFICATE) return unparsed('certificate', 'is too long')
  const [outer, ...more] = readDer(der) ?? []
  const [tbs, ...rest] = readInside(outer, DER.sequence) ?? []
  const fields = readInside(tbs, DER.sequence)
  if (more.length > 0 || rest.length !== 2 || fields === undefined) return NOT_A_CERTIFICATE
  const [serial, , issuer, validity, subject, publicKey, ...optional] = fields.slice(
    fields[0]?.tag === VERSION ? 1 : 0,
  )
  if (serial?.tag !== DER.integer || publicKey?.tag !== DER.sequence) return NOT_A_CERTIFICATE
  const [issuerDn, subjectDn] = [issuer, subject].map(readName)
  if (issuerDn === undefined || subjectDn === undefined) {
    return unparsed('certificate', 'has a name that is malformed')
  }
  const [notBeforeAt, notAfterAt, ...noMore] =
    readInside(validity, DER.sequence)?.map(readTime) ?? []
  if (notBeforeAt === undefined || notAfterAt === undefined || noMore.length > 0) {
    return unparsed('certificate', 'has dates that are malformed')
  }
  const names = readAlternativeNames(optional.find(({ tag }) => tag === EXTENSIONS))
  if (names === undefined) return unparsed('certificate', 'has extensions that are malformed')
  const serialNumber = formatHex(serial.content)
  return parsed({ der, subjectDn, issuerDn, serialNumber, notBeforeAt, notAfterAt, ...names })
}

const NOT_A_CERTIFICATE = unparsed('certificate', 'is not an X.509 certificate in DER')
const VERSION = 0xa0
const EXTENSIONS = 0xa3
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'

function readName(element: DerElement | undefined): string | undefined {
  const name: DistinguishedName | undefined = all(readInside(element, DER.sequence), (part) => {
    const attributes = all(readInside(part, DER.set), readAttribute)
    return attributes?.length === 0 ? undefined : attributes
  })
  return name && formatDistinguishedName(name)
}

function readAttribute(element: DerElement): NameAttribute | undefined {
  const [oid, value, ...more] = readInside(element, DER.sequence) ?? []
  if (oid?.tag !== DER.oid || value === undefined || more.length > 0) return undefined
  const type = readOid(oid.content)
  if (type === undefined) return undefined
  const text = readDirectoryText(value)
  return { type, value: text ?? formatHex(value.whole), isHex: text === undefined }
}

/** Source: RFC 5280 section 4.1.2.5: UTC, with seconds, and years before 2050 in two digits. */
function readTime({ tag, content }: DerElement): number | undefined {
  const text = readAscii(content) ?? ''
  const isShort = tag === DER.utcTime
  if (!isShort && tag !== DER.generalizedTime) return undefined
  const full = isShort ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  if (!/^\d{14}Z$/.test(full)) return undefined
  const iso = full.replace(/(....)(..)(..)(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6.000Z')
  const instant = Date.parse(iso)
  // A date such as 30 February is moved, not refused.
  return Number.isNaN(instant) || new Date(instant).toISOString() !== iso ? undefined : instant
}

type AlternativeNames = Pick<Certificate, 'sanDns' | 'sanUri' | 'sanEmail' | 'sanIp'>

function readAlternativeNames(extensions: DerElement | undefined): AlternativeNames | undefined {
  const found: Record<keyof AlternativeNames, string[]> = {
    sanDns: [],
    sanUri: [],
    sanEmail: [],
    sanIp: [],
  }
  if (extensions === undefined) return found
  const [list, ...noMore] = readDer(extensions.content) ?? []
  const known = all(readInside(list, DER.sequence), readExtension)
  if (known === undefined || noMore.length > 0) return undefined
  if (new Set(known.map(({ oid }) => oid)).size !== known.length) return undefined
  const value = known.find(({ oid }) => oid === SUBJECT_ALTERNATIVE_NAME)?.value
  if (value === undefined) return found
  const [names, ...noOther] = readDer(value) ?? []
  const read = all(readInside(names, DER.sequence), (name) => {
    const entry = readGeneralName(name)
    if (entry !== undefined) found[entry.kind].push(entry.text)
    return entry !== undefined || !KINDS.has(name.tag) ? true : undefined
  })
  return read === undefined || noOther.length > 0 ? undefined : found
}

function readExtension(
  element: DerElement,
): { readonly oid: string; readonly value: Uint8Array<ArrayBuffer> } | undefined {
  const parts = readInside(element, DER.sequence) ?? []
  const [first, last] = [parts[0], parts.at(-1)]
  if (parts.length < 2 || parts.length > 3 || first?.tag !== DER.oid) return undefined
  const oid = readOid(first.content)
  return oid === undefined || last?.tag !== DER.octetString
    ? undefined
    : { oid, value: last.content }
}

/** The kinds of names that are read, by their tags. Source: RFC 5280 section 4.2.1.6. */
const KINDS: ReadonlyMap<number, keyof AlternativeNames> = new Map([
  [0x81, 'sanEmail'],
  [0x82, 'sanDns'],
  [0x86, 'sanUri'],
  [0x87, 'sanIp'],
])

function readGeneralName({
  tag,
  content,
}: DerElement): { readonly kind: keyof AlternativeNames; readonly text: string } | undefined {
  const kind = KINDS.get(tag)
  if (kind === undefined) return undefined
  if (kind === 'sanIp') {
    const isAddress = content.length === 4 || content.length === 16
    return isAddress ? { kind, text: formatIpAddress(content) } : undefined
  }
  const text = readAscii(content)
  // A NUL or a line break has made one name look like another before.
  return text === undefined || /[\p{Cc}]/u.test(text) ? undefined : { kind, text }
}

/** What `read` makes of every element; `undefined` as soon as it cannot make one. */
function all<Read>(
  elements: readonly DerElement[] | undefined,
  read: (element: DerElement) => Read | undefined,
): Read[] | undefined {
  if (elements === undefined) return undefined
  const results: Read[] = []
  for (const element of elements) {
    const result = read(element)
    if (result === undefined) return undefined
    results.push(result)
  }
  return results
}
