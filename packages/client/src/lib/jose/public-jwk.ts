import { sha256Base64url } from './sha256.ts'

/** The public half of a signing key: what may be shown to anybody. */
export interface PublicJwk {
  readonly kty: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
}

/** The required members of each key type, in the order of the thumbprint. */
const MEMBERS: Readonly<Record<string, readonly (keyof PublicJwk)[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/**
 * The public half of a JWK: the members that make the key, and no other. `undefined` where one of
 * them is missing or the key type is not one for signatures.
 */
export function publicJwk(jwk: Readonly<JsonWebKey>): PublicJwk | undefined {
  const members = MEMBERS[jwk.kty ?? '']
  if (members === undefined) return undefined
  const entries = members.map((name) => [name, jwk[name]] as const)
  if (!entries.every(([, value]) => typeof value === 'string' && value !== '')) return undefined
  return Object.fromEntries(entries) as unknown as PublicJwk
}

/** The SHA-256 thumbprint of a public key, base64url. Source: RFC 7638 section 3. */
export function jwkThumbprint(jwk: PublicJwk): Promise<string> {
  const members = (MEMBERS[jwk.kty] ?? []).map((name) => [name, jwk[name]])
  return sha256Base64url(JSON.stringify(Object.fromEntries(members)))
}
