import type { VerificationJwk } from '@countersign/protocol'

/**
 * Signature algorithms that can be checked.
 *
 * `EdDSA` and `Ed25519` are two names of one algorithm: the old and the fully specified one.
 * Source: RFC 7518 section 3.1; RFC 8037 section 3.1; RFC 9864 section 2.2.
 */
export const SIGNATURE_ALGORITHMS: readonly ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256'] =
  Object.freeze(['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256'])

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

/**
 * Whether a key may check signatures of that algorithm: by its type, its curve and its own `alg`.
 *
 * Source: RFC 7517 section 4.4; RFC 8725 section 3.1.
 */
export function keyFits(
  { kty, crv, alg }: VerificationJwk,
  algorithm: SignatureAlgorithm,
): boolean {
  const needed = KEY_TYPES[algorithm]
  if (alg !== undefined && alg !== algorithm) return false
  return kty === needed.kty && (needed.crv === undefined || crv === needed.crv)
}

const OKP = { kty: 'OKP', crv: 'Ed25519' }
const RSA = { kty: 'RSA', crv: undefined }
const KEY_TYPES: Readonly<
  Record<SignatureAlgorithm, { readonly kty: string; readonly crv: string | undefined }>
> = { ES256: { kty: 'EC', crv: 'P-256' }, EdDSA: OKP, Ed25519: OKP, PS256: RSA, RS256: RSA }
