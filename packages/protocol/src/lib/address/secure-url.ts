import { parsed, unparsed, type Parsed } from '../parsed.ts'

/**
 * Whether a URL may carry a secret or a token: https anywhere, http on a loopback address only.
 *
 * Source: RFC 6749 sections 3.2 and 10.9; RFC 6750 section 5.3. The name `localhost` counts as
 * loopback (RFC 6761 section 6.3), as does all of 127.0.0.0/8 and `::1`.
 */
export function isSecureUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

/** Whether a URL's host name is this machine itself. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  )
}

/** Parses a URL that secrets or tokens will be sent to. User information in it is refused. */
export function parseSecureUrl(member: string, text: unknown): Parsed<URL> {
  if (typeof text !== 'string') return unparsed(member, 'must be a URL as a string')
  // The URL parser drops these in silence, and the text is kept and compared as it was given.
  if (/[\s\p{Cc}]/u.test(text)) return unparsed(member, 'must hold no blank or control character')
  const url = URL.parse(text)
  if (url === null) return unparsed(member, 'is not an absolute URL')
  if (url.username !== '' || url.password !== '') {
    return unparsed(member, 'must not hold a user name or password')
  }
  if (!isSecureUrl(url)) {
    return unparsed(member, 'must be https; plain http is only for loopback addresses')
  }
  return parsed(url)
}
