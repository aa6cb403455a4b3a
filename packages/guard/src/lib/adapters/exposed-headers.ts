/**
 * The headers of a guard's answers that a browser hides from scripts of another origin unless
 * `Access-Control-Expose-Headers` names them: without `DPoP-Nonce` no client in a browser can take a
 * nonce, without `WWW-Authenticate` none learns why it was refused.
 *
 * For the option of a CORS middleware, or joined by `, ` for the header itself.
 * Source: RFC 9449 section 8.2; Fetch, CORS protocol.
 */
export const EXPOSED_HEADERS: readonly string[] = Object.freeze([
  'WWW-Authenticate',
  'DPoP-Nonce',
  'Retry-After',
])
