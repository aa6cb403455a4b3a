import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { formatHex, readHexText } from './attribute-value.ts'

/** One attribute of a name. */
export interface NameAttribute {
  /** The object identifier, as dotted numbers. */
  readonly type: string
  readonly value: string
  /** Whether `value` is the hex digits of an element that is no text. */
  readonly isHex: boolean
}

/**
 * A distinguished name, the most general part first, as certificates have it; text has it the other
 * way round. Most parts are one attribute.
 */
export type DistinguishedName = readonly (readonly NameAttribute[])[]

/** RFC 4514 section 3, and after it the names that OpenSSL writes, which are what people copy. */
const NAMES: readonly (readonly [name: string, type: string])[] = [
  ['CN', '2.5.4.3'],
  ['L', '2.5.4.7'],
  ['ST', '2.5.4.8'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['C', '2.5.4.6'],
  ['STREET', '2.5.4.9'],
  ['DC', '0.9.2342.19200300.100.1.25'],
  ['UID', '0.9.2342.19200300.100.1.1'],
  ['emailAddress', '1.2.840.113549.1.9.1'],
  ['serialNumber', '2.5.4.5'],
  ['SN', '2.5.4.4'],
  ['GN', '2.5.4.42'],
  ['title', '2.5.4.12'],
  ['organizationIdentifier', '2.5.4.97'],
]
const TYPE_OF = new Map(NAMES.map(([name, type]) => [name.toLowerCase(), type]))
const NAME_OF = new Map(NAMES.map(([name, type]) => [type, name]))

/** Longest text of a name that is looked at, and most attributes in it. */
const MAX_NAME = 4096
const MAX_ATTRIBUTES = 100

/**
 * A name as text, the most special part first: `CN=billing,O=Example,C=DE`. An attribute without a
 * short name has its object identifier.
 *
 * Source: RFC 4514 section 2.
 */
export function formatDistinguishedName(name: DistinguishedName): string {
  return name
    .toReversed()
    .map((part) => part.map(formatAttribute).join('+'))
    .join(',')
}

/**
 * Reads the text of a name. Blanks around its commas, plus and equals signs are let through, and short
 * names are known in any case. A value in hex digits is the text that they are of.
 *
 * Source: RFC 4514 section 3; RFC 4512 section 1.4 for object identifiers.
 */
export function parseDistinguishedName(text: string): Parsed<DistinguishedName> {
  if (text.length > MAX_NAME) return unparsed('name', 'is too long')
  const parts: NameAttribute[][] = [[]]
  let rest = text
  if (/^ *$/.test(rest)) return parsed([])
  for (let count = 0; count < MAX_ATTRIBUTES; count++) {
    const [whole, key = '', raw = '', end = ''] = ATTRIBUTE.exec(rest) ?? []
    if (whole === undefined) return unparsed('name', 'is not a distinguished name of RFC 4514')
    const type = TYPE_OF.get(key.toLowerCase()) ?? (/^\d/.test(key) ? key : undefined)
    if (type === undefined) return unparsed('name', 'has an attribute with an unknown short name')
    const value = readValue(trimmed(raw))
    if (value === undefined) return unparsed('name', 'has a value that is not escaped right')
    parts.at(-1)?.push({ type, ...value })
    rest = rest.slice(whole.length)
    if (end === '') return parsed(parts.toReversed())
    if (end === ',') parts.push([])
  }
  return unparsed('name', 'has too many attributes')
}

/**
 * Whether two texts are of one name: the same attributes with the same values, letter by letter, in
 * the same order; attributes of one part in any. What is no name is no one's.
 *
 * Source: RFC 8705 section 2.1.2; RFC 5280 section 7.1, of which this is the exact half.
 */
export function isSameDistinguishedName(one: string, other: string): boolean {
  const [first, second] = [parseDistinguishedName(one), parseDistinguishedName(other)]
  return (
    first.ok && second.ok && first.value.length > 0 && keyOf(first.value) === keyOf(second.value)
  )
}

function keyOf(name: DistinguishedName): string {
  return JSON.stringify(
    name.map((part) =>
      part.map(({ type, value, isHex }) => JSON.stringify([type, value, isHex])).toSorted(),
    ),
  )
}

/** A type, an equals sign, a value that ends before a bare comma or plus sign, and that sign. */
const ATTRIBUTE = /^ *([a-z][\w-]*|\d+(?:\.\d+)+) *= *((?:\\[\s\S]|[^\\,+])*)(?:([,+])|$)/i

/** A character after a backslash, or two hex digits of UTF-8. Source: RFC 4514 section 3. */
const ESCAPE = /\\([\da-f]{2}|[\s\S])/giu

function readValue(text: string): Pick<NameAttribute, 'value' | 'isHex'> | undefined {
  if (text.startsWith('#')) {
    const hex = text.slice(1).toLowerCase()
    if (hex.length % 2 !== 0 || !/^[\da-f]+$/.test(hex)) return undefined
    const known = readHexText(hex)
    return { value: known ?? hex, isHex: known === undefined }
  }
  if (/(?:^|[^\\])(?:\\\\)*["<>;]/.test(text)) return undefined
  // Escaped bytes are gathered as a URL's, which decodes UTF-8 strictly.
  const encoded = text.replaceAll('%', '%25').replaceAll(ESCAPE, (_, one: string) => {
    if (/^[\da-f]{2}$/i.test(one)) return `%${one}`
    return /^[ "#+,;<=>\\]$/.test(one) ? encodeURIComponent(one) : NO_ESCAPE
  })
  try {
    const value = decodeURIComponent(encoded)
    const isGood = !value.includes('\u0000') && value.isWellFormed()
    return isGood ? { value, isHex: false } : undefined
  } catch {
    return undefined
  }
}

/** What decoding stops at. */
const NO_ESCAPE = '%zz'

/** Without the blanks around it, of which the last may be an escaped one. */
function trimmed(raw: string): string {
  const text = raw.replace(/^ +/, '').replace(/ +$/, '')
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(text) ? `${text} ` : text
}

function formatAttribute({ type, value, isHex }: NameAttribute): string {
  return `${NAME_OF.get(type) ?? type}=${isHex ? `#${value}` : escaped(value)}`
}

/** Source: RFC 4514 section 2.4. */
function escaped(value: string): string {
  return value
    .replaceAll(/["+,;<>\\]|^[ #]|(?<=.) $/gsu, String.raw`\$&`)
    .replaceAll(/\p{Cc}/gu, (control) =>
      Array.from(
        new TextEncoder().encode(control),
        (byte) => `\\${formatHex(Uint8Array.of(byte))}`,
      ).join(''),
    )
}
