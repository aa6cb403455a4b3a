import { isLoopback, isPublicAddress } from '@countersign/protocol'

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
  if (host.startsWith('[')) return !isPublicAddress(host.slice(1, -1))
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return !isPublicAddress(host)
  return !host.includes('.') || LOCAL_NAMES.test(host)
}

/** Names for local networks and clusters, and the one that clouds give their metadata servers. */
const LOCAL_NAMES =
  /\.(local|localdomain|internal|intranet|private|corp|home|lan|svc|consul|home\.arpa)$/
