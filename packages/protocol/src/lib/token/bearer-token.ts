/** The types of token that an API takes. Source: RFC 6750 section 2.1; RFC 9449 section 7.1. */
export type TokenType = 'Bearer' | 'DPoP'

/** What an `Authorization` header says to an API. */
export type TokenAuthorization =
  /** There is no header, or it is for another scheme. */
  | { readonly kind: 'none' }
  /** There is a header of a scheme that is taken, and it cannot be read. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'token'; readonly type: TokenType; readonly token: string }

/**
 * Reads the token of an `Authorization` header. Several headers in one value are malformed.
 *
 * The scheme is read without case, one or more blanks may follow it; the token must be a `b64token`.
 * A scheme outside `types` is another scheme.
 * Source: RFC 6750 section 2.1; RFC 9449 section 7.1; RFC 9110 section 11.6.2; OAuth 2.1 draft
 * section 5.1.1.
 */
export function parseTokenAuthorization(
  header: string | null | undefined,
  types: readonly TokenType[],
): TokenAuthorization {
  const found = findTokenAuthorization(header, types)
  if (found.kind !== 'token' || isTokenText(found.token)) return found
  return {
    kind: 'malformed',
    reason: found.token.includes(',')
      ? 'more than one Authorization header'
      : 'a character that no token may have',
  }
}

/**
 * Finds the token of an `Authorization` header as {@link parseTokenAuthorization} does, but does not
 * look at its characters, which takes as long as all the rest many times over.
 *
 * For who knows the token already, or checks it by {@link isTokenText} before anything else is done
 * with it: it may still be two headers in one.
 */
export function findTokenAuthorization(
  header: string | null | undefined,
  types: readonly TokenType[],
): TokenAuthorization {
  if (header === null || header === undefined) return { kind: 'none' }
  // Nearly every header is this, and nothing of it needs to be taken apart.
  if (header.startsWith(PLAIN) && types.includes('Bearer') && !isPadded(header, PLAIN.length)) {
    return { kind: 'token', type: 'Bearer', token: header.slice(PLAIN.length) }
  }
  const space = header.indexOf(' ')
  const scheme = space === -1 ? header : header.slice(0, space)
  const type = typeOf(scheme, types)
  if (type === undefined) {
    const isJoined =
      header.includes(',') &&
      header.split(',', MAX_JOINED).some((part) => {
        const [first = ''] = part.trimStart().split(/\s/, 1)
        return typeOf(first, types) !== undefined
      })
    return isJoined
      ? { kind: 'malformed', reason: 'more than one Authorization header' }
      : { kind: 'none' }
  }
  let start = scheme.length
  while (header.charCodeAt(start) === BLANK) start++
  let end = header.length
  while (end > start && header.charCodeAt(end - 1) === BLANK) end--
  return start === end
    ? { kind: 'malformed', reason: `no token after ${type}` }
    : { kind: 'token', type, token: header.slice(start, end) }
}

/** Whether a text has only the characters of a token. Source: RFC 6750 section 2.1, `b64token`. */
export function isTokenText(text: string): boolean {
  return /^[A-Za-z0-9\-._~+/]+=*$/.test(text)
}

/** The `Authorization` header's value for a token of that type. */
export function formatTokenAuthorization(tokenType: TokenType, token: string): string {
  return `${tokenType} ${token}`
}

const PLAIN = 'Bearer '
const BLANK = 0x20

/** Whether what begins at `start` is nothing, or has blanks at an end. */
function isPadded(header: string, start: number): boolean {
  const { length } = header
  return (
    length === start ||
    header.charCodeAt(start) === BLANK ||
    header.charCodeAt(length - 1) === BLANK
  )
}

/** Headers in one value that are looked at. */
const MAX_JOINED = 16

function typeOf(scheme: string, types: readonly TokenType[]): TokenType | undefined {
  for (const type of types) {
    if (scheme === type) return type
    if (scheme.length === type.length && scheme.toLowerCase() === type.toLowerCase()) return type
  }
  return undefined
}
