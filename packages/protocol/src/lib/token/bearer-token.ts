/** What an `Authorization` header says to an API. */
export type BearerAuthorization =
  /** There is no header, or it is for another scheme than Bearer. */
  | { readonly kind: 'none' }
  /** There is a Bearer header that cannot be read. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'token'; readonly token: string }

/**
 * Reads the bearer token of an `Authorization` header. Several headers in one value are malformed.
 *
 * The scheme is read without case, one or more blanks may follow it; the token must be a `b64token`.
 * Source: RFC 6750 section 2.1; RFC 9110 section 11.6.2; OAuth 2.1 draft section 5.1.1.
 */
export function parseBearerAuthorization(header: string | null | undefined): BearerAuthorization {
  if (header === null || header === undefined) return { kind: 'none' }
  const space = header.indexOf(' ')
  const scheme = space === -1 ? header : header.slice(0, space)
  if (scheme.length !== 6 || scheme.toLowerCase() !== 'bearer') {
    return header.includes(',') && /(^|,\s*)bearer(\s|$)/i.test(header)
      ? { kind: 'malformed', reason: 'more than one Authorization header' }
      : { kind: 'none' }
  }
  let start = scheme.length
  while (header.charCodeAt(start) === BLANK) start++
  let end = header.length
  while (end > start && header.charCodeAt(end - 1) === BLANK) end--
  const token = header.slice(start, end)
  if (token === '') return { kind: 'malformed', reason: 'no token after Bearer' }
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) {
    return {
      kind: 'malformed',
      reason: token.includes(',')
        ? 'more than one Authorization header'
        : 'a character that no bearer token may have',
    }
  }
  return { kind: 'token', token }
}

/** The `Authorization` header's value for a token of that type. */
export function formatTokenAuthorization(tokenType: 'Bearer' | 'DPoP', token: string): string {
  return `${tokenType} ${token}`
}

const BLANK = 0x20
