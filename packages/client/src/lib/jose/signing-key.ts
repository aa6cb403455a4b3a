import type { JwtSigner } from './compact-jwt.ts'
import { externalSigningKey } from './external-signing-key.ts'
import { unknownAlgorithm, wrongKey, type KeyWish } from './key-algorithm.ts'
import type { PublicJwk } from './public-jwk.ts'
import { isSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts'
import {
  cryptoKeySigningKey,
  isCryptoKey,
  jwkSigningKey,
  pemSigningKey,
} from './webcrypto-signing-key.ts'

/** A private key as a JWK, `kid` included where it has one. */
export interface PrivateJwk extends JsonWebKey {
  readonly kid?: string
}

/** A key that never leaves its KMS or HSM: it signs there. */
export interface ExternalSigningKey {
  readonly alg: SignatureAlgorithm
  readonly kid?: string
  /** Needed where the key is shown to others, as in DPoP proofs. */
  readonly publicJwk?: PublicJwk
  /**
   * Signs `data` itself, not a digest of it. An ECDSA signature may come as `r || s` or as DER, as
   * cloud services give it.
   */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}

/** A private key in any of the forms that people hold one: JWK, PKCS#8 PEM, WebCrypto, KMS. */
export type SigningKeyInput = PrivateJwk | string | CryptoKey | CryptoKeyPair | ExternalSigningKey

/** A key that is ready to sign. What it is made of cannot be read out of it. */
export interface SigningKey extends JwtSigner {
  readonly alg: SignatureAlgorithm
  readonly kid: string | undefined
  /** `undefined` for a non-extractable `CryptoKey` that came without its public half. */
  readonly publicJwk: PublicJwk | undefined
  /**
   * Names the key and tells nothing of it: its thumbprint, or else its `kid`. A key with neither has
   * a random name, which no other process knows.
   */
  readonly fingerprint: string
}

/**
 * Gets a key ready on first use: it is imported once, non-extractable, by the function given back.
 *
 * `alg` defaults to the key's own: ES256 or ES384 by the curve, Ed25519, PS256 for RSA. A key serves
 * one algorithm: another one than it names itself is refused.
 *
 * Throws at once: `ArgumentError`, naming `key` or `alg` of `caller`. The given function rejects
 * with `ERR_CREDENTIAL` where the key cannot be imported or is too small.
 */
export function importSigningKey(
  key: SigningKeyInput,
  alg?: SignatureAlgorithm,
  caller = 'importSigningKey',
): () => Promise<SigningKey> {
  if (alg !== undefined && !isSignatureAlgorithm(alg)) throw unknownAlgorithm(caller, alg)
  const make = makerOf(key, { caller, alg })
  let made: SigningKey | undefined
  // The key is kept, not the promise of it: some platforms let no request wait for another's.
  return async () => {
    if (made !== undefined) return made
    const one = await make()
    return (made ??= one)
  }
}

function makerOf(key: SigningKeyInput, wish: KeyWish): () => Promise<SigningKey> {
  if (typeof key === 'string') return pemSigningKey(key, wish)
  if (typeof key !== 'object' || key === null) throw wrongKey(wish.caller, NO_KEY)
  if ('sign' in key) return externalSigningKey(key, wish)
  if (isCryptoKey(key)) return cryptoKeySigningKey(key, undefined, wish)
  if ('privateKey' in key) return cryptoKeySigningKey(key.privateKey, key.publicKey, wish)
  if ('kty' in key) return jwkSigningKey(key, wish)
  throw wrongKey(wish.caller, NO_KEY)
}

const NO_KEY =
  'must be a private JWK, a PKCS#8 PEM text, a CryptoKey or an object with a sign function'
