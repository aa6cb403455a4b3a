import { parseBase64url, type JsonObject, type VerificationJwk } from '@countersign/protocol'

/** The members of a public key that import needs, and no others. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'AKP'; readonly alg: MlDsa; readonly pub: string }

type MlDsa = 'ML-DSA-44' | 'ML-DSA-65'

/**
 * The public members of a key, checked more strictly than crypto libraries do; `undefined` when the
 * key is weak or broken, which is to be skipped.
 *
 * Source: RFC 7518 sections 3.3 (2048 bits or more), 6.2.1 (full-length coordinates) and 6.3.1;
 * RFC 8037 section 2; RFC 9964 section 3.
 */
export function toPublicJwk({ kty, crv, jwk }: VerificationJwk): PublicJwk | undefined {
  if (kty === 'RSA') return rsaKey(jwk)
  if (kty === 'AKP') return mlDsaKey(jwk)
  const x = coordinate(jwk['x'])
  if (x === undefined) return undefined
  if (kty === 'OKP') return crv === 'Ed25519' ? { kty, crv, x } : undefined
  const y = coordinate(jwk['y'])
  return y !== undefined && crv === 'P-256' ? { kty, crv, x, y } : undefined
}

function coordinate(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length !== 43) return undefined
  return parseBase64url(value)?.length === 32 ? value : undefined
}

/** Bytes of a public key. Source: FIPS 204 section 4. */
const ML_DSA_LENGTHS: Readonly<Record<MlDsa, number>> = { 'ML-DSA-44': 1312, 'ML-DSA-65': 1952 }

function mlDsaKey({ alg, pub }: JsonObject): PublicJwk | undefined {
  if (alg !== 'ML-DSA-44' && alg !== 'ML-DSA-65') return undefined
  const length = ML_DSA_LENGTHS[alg]
  if (typeof pub !== 'string' || pub.length !== Math.ceil((length * 4) / 3)) return undefined
  return parseBase64url(pub) === undefined ? undefined : { kty: 'AKP', alg, pub }
}

const MIN_MODULUS_BITS = 2048
// What a key of this size costs to use is bearable; beyond it a published key could stall us.
const MAX_MODULUS_BITS = 8192

function rsaKey(jwk: JsonObject): PublicJwk | undefined {
  const { n, e } = jwk
  if (typeof n !== 'string' || typeof e !== 'string') return undefined
  if (n.length > MAX_MODULUS_BITS / 4 || e.length > 8) return undefined
  const modulus = bitLength(parseBase64url(n))
  if (modulus < MIN_MODULUS_BITS || modulus > MAX_MODULUS_BITS) return undefined
  const exponent = parseBase64url(e)
  const odd = ((exponent?.at(-1) ?? 0) & 1) === 1
  // With an exponent of 1 anybody can make a signature.
  return odd && bitLength(exponent) > 1 ? { kty: 'RSA', n, e } : undefined
}

function bitLength(bytes: Uint8Array | undefined): number {
  const start = bytes?.findIndex((byte) => byte !== 0) ?? -1
  if (bytes === undefined || start === -1) return 0
  return (bytes.length - start) * 8 - (Math.clz32(bytes[start] ?? 0) - 24)
}
