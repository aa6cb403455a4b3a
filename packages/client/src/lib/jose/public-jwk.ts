import { thumbprintInput } from '@countersign/protocol'
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

/**
 * The public half of a JWK: the members that make the key, and no other. `undefined` where one of
 * them is missing or the key type is not one for signatures.
 */
export function publicJwk(jwk: Readonly<JsonWebKey>): PublicJwk | undefined {
  const members = thumbprintInput(jwk)
  return members === undefined ? undefined : (JSON.parse(members) as PublicJwk)
}

/** The SHA-256 thumbprint of a public key, base64url. Source: RFC 7638 section 3. */
export function jwkThumbprint(jwk: PublicJwk): Promise<string> {
  return sha256Base64url(thumbprintInput(jwk) ?? '')
}
