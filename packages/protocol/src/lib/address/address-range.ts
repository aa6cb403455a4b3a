import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { parseIpAddress } from './ip-address.ts'

/** A block of IP addresses, or one of them. */
export interface AddressRange {
  readonly first: Uint8Array
  /** Bits that all of its addresses share. */
  readonly length: number
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8` or a single address. Bits after the prefix must be zero: a range that
 * does not begin where it says is a typing error.
 *
 * Source: RFC 4632 section 3.1; RFC 4291 section 2.3.
 */
export function parseAddressRange(text: string): Parsed<AddressRange> {
  const slash = text.indexOf('/')
  const first = parseIpAddress(slash === -1 ? text : text.slice(0, slash))
  if (first === undefined) return unparsed('range', 'is not an IP address or a range of them')
  const digits = slash === -1 ? String(first.length * 8) : text.slice(slash + 1)
  const length = /^(?:0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : NaN
  if (!(length <= first.length * 8)) return unparsed('range', 'has no valid prefix length')
  const range = { first, length }
  const isStart = first.every((byte, i) => (byte & ~maskAt(range, i)) === 0)
  return isStart ? parsed(range) : unparsed('range', 'has bits set after its prefix')
}

/**
 * Whether an address is in one of the ranges. An IPv4 address in the form of IPv6, as a socket that
 * listens on both shows it, is the IPv4 one. What is no address is in no range.
 */
export function isInRanges(address: string, ranges: readonly AddressRange[]): boolean {
  const given = parseIpAddress(address)
  if (given === undefined) return false
  const bytes = unmapped(given)
  return ranges.some(
    (range) =>
      range.first.length === bytes.length &&
      range.first.every((byte, i) => ((byte ^ (bytes[i] ?? 0)) & maskAt(range, i)) === 0),
  )
}

/** The bits of a byte that are within the prefix. */
function maskAt({ length }: AddressRange, index: number): number {
  const bits = Math.min(Math.max(length - index * 8, 0), 8)
  return (0xff << (8 - bits)) & 0xff
}

/** Source: RFC 4291 section 2.5.5.2. */
function unmapped(bytes: Uint8Array): Uint8Array {
  const isMapped =
    bytes.length === 16 && bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff))
  return isMapped ? bytes.subarray(12) : bytes
}
