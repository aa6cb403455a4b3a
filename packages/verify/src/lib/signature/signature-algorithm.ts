import type { VerificationJwk } from '@countersign/protocol'

/**
 * Signature algorithms that can be checked.
 *
 * `EdDSA` and `Ed25519` are two names of one algorithm: the old and the fully specified one. A runtime
 * without ML-DSA imports no key for it: signatures of such a key are those of an unknown one there.
 * Source: RFC 7518 section 3.1; RFC 8037 section 3.1; RFC 9864 section 2.2; RFC 9964 section 4.
 */
export const SIGNATURE_ALGORITHMS: readonly [
  'ES256',
  'PS256',
  'EdDSA',
  'Ed25519',
  'RS256',
  'ML-DSA-44',
  'ML-DSA-65',
] = Object.freeze(['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256', 'ML-DSA-44', 'ML-DSA-65'])

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

/** What is accepted where nobody says otherwise: the algorithms that every runtime can check. */
export const DEFAULT_SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = Object.freeze([
  'ES256',
  'PS256',
  'EdDSA',
  'Ed25519',
  'RS256',
])

/**
 * Whether a key may check signatures of that algorithm: by its type, its curve and its own `alg`,
 * which a key of type AKP must have.
 *
 * Source: RFC 7517 section 4.4; RFC 8725 section 3.1; RFC 9964 section 3.
 */
export function keyFits(
  { kty, crv, alg }: VerificationJwk,
  algorithm: SignatureAlgorithm,
): boolean {
  // A map: what is asked may come from outside, and `constructor` is no algorithm.
  const needed = KEY_TYPES.get(algorithm)
  if (needed === undefined) return false
  if (alg === undefined ? kty === 'AKP' : alg !== algorithm) return false
  return kty === needed.kty && (needed.crv === undefined || crv === needed.crv)
}

interface KeyType {
  readonly kty: string
  readonly crv?: string
}

const AKP: KeyType = { kty: 'AKP' }
const OKP: KeyType = { kty: 'OKP', crv: 'Ed25519' }
const RSA: KeyType = { kty: 'RSA' }
const KEY_TYPES: ReadonlyMap<SignatureAlgorithm, KeyType> = new Map([
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['EdDSA', OKP],
  ['Ed25519', OKP],
  ['PS256', RSA],
  ['RS256', RSA],
  ['ML-DSA-44', AKP],
  ['ML-DSA-65', AKP],
])
