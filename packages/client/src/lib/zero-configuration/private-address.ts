import { isLoopback } from '@countersign/protocol'

/**
 * Whether a URL's host is, by its looks, not on the public internet: loopback, private, link-local,
 * carrier-grade NAT, an address that embeds or maps another one, or a name that only a local network
 * resolves.
 *
 * It looks at the name alone and resolves nothing. A public name may resolve to a private address,
 * at the second look even where not at the first (DNS rebinding), and a plain `fetch` cannot tell:
 * where that matters, pass a `fetch` that checks the address it connects to.
 * Source: RFC 6890; RFC 6761 section 6; RFC 9728 section 7.7.
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '')
  if (isLoopback(host)) return true
  if (host.startsWith('[')) return !isPublicIpv6(host.slice(1, -1))
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)
  if (octets !== null) return isPrivateIpv4(octets.slice(1).map(Number))
  return !host.includes('.') || LOCAL_NAMES.test(host)
}

/** Names for local networks and clusters, and the one that clouds give their metadata servers. */
const LOCAL_NAMES =
  /\.(local|localdomain|internal|intranet|private|corp|home|lan|svc|consul|home\.arpa)$/

/** The blocks that are not for the public internet, as the first address and the length of each. */
const PRIVATE_IPV4: readonly (readonly [first: string, length: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]

function isPrivateIpv4(octets: readonly number[]): boolean {
  const address = asNumber(octets)
  return PRIVATE_IPV4.some(([first, length]) => {
    const size = 2 ** (32 - length)
    const start = asNumber(first.split('.').map(Number))
    return address >= start && address < start + size
  })
}

function asNumber(octets: readonly number[]): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0)
}

/**
 * Of IPv6 only 2000::/3 is given out, and in it are the blocks that tunnel IPv4 or are for examples.
 * What maps or translates an IPv4 address lies outside, and so is never public here.
 */
function isPublicIpv6(address: string): boolean {
  const [first = '', second = ''] = address.split(':')
  const [high, low] = [Number.parseInt(first, 16), Number.parseInt(second || '0', 16)]
  if (!(high >= 0x2000 && high <= 0x3fff)) return false
  if (high === 0x2001 && (low < 0x200 || low === 0xdb8)) return false
  return high !== 0x2002 && !(high === 0x3fff && low < 0x1000)
}
