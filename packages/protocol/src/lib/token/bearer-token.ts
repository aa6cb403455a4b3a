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
  if (header === null || header === undefined) return { kind: 'none' }
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
  const token = header.slice(start, end)
  if (token === '') return { kind: 'malformed', reason: `no token after ${type}` }
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) {
    return {
      kind: 'malformed',
      reason: token.includes(',')
        ? 'more than one Authorization header'
        : 'a character that no token may have',
    }
  }
  return { kind: 'token', type, token }
}

/** The `Authorization` header's value for a token of that type. */
export function formatTokenAuthorization(tokenType: TokenType, token: string): string {
  return `${tokenType} ${token}`
}

const BLANK = 0x20
/** Headers in one value that are looked at. */
const MAX_JOINED = 16

function typeOf(scheme: string, types: readonly TokenType[]): TokenType | undefined {
  const { length } = scheme
  return types.find((type) => type.length === length && type.toLowerCase() === scheme.toLowerCase())
}
