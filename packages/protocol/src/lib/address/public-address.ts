import { isInRanges, parseAddressRange, type AddressRange } from './address-range.ts'
import { parseIpAddress } from './ip-address.ts'

/**
 * Whether an IP address is one of the public internet: not loopback, private, link-local,
 * carrier-grade NAT, for documentation or multicast, nor one that embeds or maps another address.
 *
 * What is no address, a name for instance, is not public: it has to be resolved first.
 * Source: RFC 6890; the IANA registries of special-purpose addresses.
 */
export function isPublicAddress(address: string): boolean {
  const bytes = parseIpAddress(address)
  if (bytes === undefined) return false
  ranges ??= readRanges()
  if (bytes.length === 4) return !isInRanges(address, ranges.specialIpv4)
  // Of IPv6 only this block is given out. What maps or translates an IPv4 address lies outside.
  return isInRanges(address, ranges.globalIpv6) && !isInRanges(address, ranges.specialIpv6)
}

const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]
const GLOBAL_IPV6 = ['2000::/3']
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** Read at the first question: most programs never ask. */
let ranges: ReturnType<typeof readRanges> | undefined

function readRanges() {
  return {
    specialIpv4: SPECIAL_IPV4.map(toRange),
    globalIpv6: GLOBAL_IPV6.map(toRange),
    specialIpv6: SPECIAL_IPV6.map(toRange),
  }
}

function toRange(text: string): AddressRange {
  const range = parseAddressRange(text)
  if (!range.ok) throw new RangeError(`${text} ${range.reason}`)
  return range.value
}
