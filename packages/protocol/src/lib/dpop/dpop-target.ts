/** Longest URL of a proof that is looked at. */
const MAX_HTU = 8192

/**
 * The form in which the `htu` of a proof and the URL of a request are compared: scheme and host in
 * lower case, no default port, no dot segments, no needless escapes, and neither query nor fragment.
 * The path keeps its case. `undefined` for what is not an absolute http or https URL, or holds a user
 * name, a blank, a backslash or a control character.
 *
 * Source: RFC 9449 section 4.3; RFC 3986 sections 6.2.2 and 6.2.3.
 */
export function dpopTarget(url: string): string | undefined {
  // The URL parser drops blanks and turns backslashes, which would make two texts one.
  if (url.length > MAX_HTU || /[\s\p{Cc}\\]/u.test(url)) return undefined
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined
  if (parsed.username !== '' || parsed.password !== '') return undefined
  return parsed.origin + parsed.pathname.replaceAll(/%[\da-f]{2}/gi, normalizeEscape)
}

/** RFC 3986 section 6.2.2.2: what needs no escape has none; hex digits are in upper case. */
function normalizeEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : escape.toUpperCase()
}
