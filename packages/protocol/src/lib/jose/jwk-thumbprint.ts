/** The required members of each key type, in the order of the thumbprint. */
const REQUIRED_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['AKP', ['alg', 'kty', 'pub']],
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
])

/**
 * The text whose SHA-256 digest, as base64url, is the thumbprint of a public key: the required
 * members alone, in the order of their names, without a blank. `undefined` for another key type, and
 * where a required member is missing, empty or no string.
 *
 * Source: RFC 7638 section 3; RFC 8037 section 2 for OKP; RFC 9964 section 3 for AKP.
 */
export function thumbprintInput(jwk: object): string | undefined {
  const { kty } = jwk as { readonly kty?: unknown }
  const members = REQUIRED_MEMBERS.get(kty)
  if (members === undefined) return undefined
  const entries = members.map((name) => [name, (jwk as Record<string, unknown>)[name]] as const)
  if (!entries.every(([, value]) => typeof value === 'string' && value !== '')) return undefined
  return JSON.stringify(Object.fromEntries(entries))
}
