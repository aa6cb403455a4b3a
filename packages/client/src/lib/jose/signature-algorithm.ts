/**
 * The algorithms this client signs with. `EdDSA` is the older name of `Ed25519`, for servers that
 * know no other. Source: RFC 7518 section 3.1; RFC 9864 section 2.
 */
export type SignatureAlgorithm = 'ES256' | 'ES384' | 'PS256' | 'RS256' | 'Ed25519' | 'EdDSA'

/** A kind of key, told by its curve; `RSA` signs by two algorithms, the others by one. */
export type KeyKind = 'P-256' | 'P-384' | 'Ed25519' | 'RSA'

/** How an algorithm is said in WebCrypto. */
export interface AlgorithmParameters {
  readonly kind: KeyKind
  /** For `importKey`, and what a `CryptoKey` of it reports. */
  readonly key: RsaHashedImportParams | EcKeyImportParams | Algorithm
  /** For `sign`. */
  readonly signature: RsaPssParams | EcdsaParams | Algorithm
  /** Bytes of each half of an ECDSA signature. */
  readonly half?: number
}

const ED25519: AlgorithmParameters = {
  kind: 'Ed25519',
  key: { name: 'Ed25519' },
  signature: { name: 'Ed25519' },
}

/** Every {@link SignatureAlgorithm} with its parameters. */
export const SIGNATURE_ALGORITHMS: Readonly<Record<SignatureAlgorithm, AlgorithmParameters>> = {
  ES256: {
    kind: 'P-256',
    key: { name: 'ECDSA', namedCurve: 'P-256' },
    signature: { name: 'ECDSA', hash: 'SHA-256' },
    half: 32,
  },
  ES384: {
    kind: 'P-384',
    key: { name: 'ECDSA', namedCurve: 'P-384' },
    signature: { name: 'ECDSA', hash: 'SHA-384' },
    half: 48,
  },
  PS256: {
    kind: 'RSA',
    key: { name: 'RSA-PSS', hash: 'SHA-256' },
    signature: { name: 'RSA-PSS', saltLength: 32 },
  },
  RS256: {
    kind: 'RSA',
    key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    signature: { name: 'RSASSA-PKCS1-v1_5' },
  },
  Ed25519: ED25519,
  EdDSA: ED25519,
}

/** What each kind of key signs with where nothing is said. */
export const DEFAULT_ALGORITHMS: Readonly<Record<KeyKind, SignatureAlgorithm>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  Ed25519: 'Ed25519',
  RSA: 'PS256',
}

/** Whether `value` is one of {@link SIGNATURE_ALGORITHMS}, letter by letter. */
export function isSignatureAlgorithm(value: unknown): value is SignatureAlgorithm {
  return typeof value === 'string' && Object.hasOwn(SIGNATURE_ALGORITHMS, value)
}
