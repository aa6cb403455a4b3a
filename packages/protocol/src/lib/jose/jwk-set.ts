import { isJsonObject, type JsonObject } from '../text/json-object.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'

/** A public key of a JWK set that can verify signatures. */
export interface VerificationJwk {
  readonly kid: string | undefined
  readonly kty: 'EC' | 'RSA' | 'OKP' | 'AKP'
  readonly crv: string | undefined
  readonly alg: string | undefined
  /** The key as it came, for import. */
  readonly jwk: JsonObject
}

/** Most keys that are read from one set. */
export const MAX_JWK_SET_KEYS = 100

/**
 * Reads a JWK set and keeps the public keys that can verify signatures.
 *
 * Keys of unknown type, for encryption, or not usable to verify are skipped, as RFC 7517 asks. A set
 * that holds private or symmetric keys is refused whole: its publisher has a leak to mend.
 * Source: RFC 7517 sections 4 and 5; RFC 8725 section 3.
 */
export function parseJwkSet(body: unknown): Parsed<readonly VerificationJwk[]> {
  if (!isJsonObject(body)) return unparsed('body', 'JSON is not an object')
  const { keys } = body
  if (!Array.isArray(keys)) return unparsed('keys', 'is missing')
  if (keys.length > MAX_JWK_SET_KEYS) return unparsed('keys', 'has too many entries')
  const usable: VerificationJwk[] = []
  for (const jwk of keys as unknown[]) {
    if (!isJsonObject(jwk)) continue
    if (PRIVATE_MEMBERS.some((name) => name in jwk)) {
      return unparsed('keys', 'holds a private or symmetric key')
    }
    const key = toVerificationJwk(jwk)
    if (key !== undefined) usable.push(key)
  }
  return parsed(usable)
}

/** Source: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1; RFC 9964 section 3 for `priv`. */
const PRIVATE_MEMBERS = ['d', 'k', 'priv', 'p', 'q', 'dp', 'dq', 'qi', 'oth']

/** The JSON members of a JWK set. */
export function formatJwkSet(keys: readonly JsonObject[]): JsonObject {
  return { keys }
}

function toVerificationJwk(jwk: JsonObject): VerificationJwk | undefined {
  const { kid, kty, crv, alg, use } = jwk
  if (kty !== 'EC' && kty !== 'RSA' && kty !== 'OKP' && kty !== 'AKP') return undefined
  if (use !== undefined && use !== 'sig') return undefined
  const operations = jwk['key_ops']
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return undefined
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 256)) return undefined
  if (alg !== undefined && typeof alg !== 'string') return undefined
  if (crv !== undefined && typeof crv !== 'string') return undefined
  return { kid, kty, crv, alg, jwk }
}
