import type { PublicJwk } from './public-jwk.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { SignatureVerifier } from './signature-verifier.ts'

/** A verifier on WebCrypto; `undefined` when the runtime refuses the key or the algorithm. */
export async function webVerifier(
  jwk: PublicJwk,
  algorithm: SignatureAlgorithm,
): Promise<SignatureVerifier | undefined> {
  const { subtle } = globalThis.crypto
  const { imported, used } = PARAMETERS[algorithm]
  let key: CryptoKey
  try {
    key = await subtle.importKey('jwk', jwk, imported, false, ['verify'])
  } catch {
    return undefined
  }
  return {
    async verify(input, signature) {
      try {
        return await subtle.verify(
          used,
          key,
          signature,
          typeof input === 'string' ? ENCODER.encode(input) : input,
        )
      } catch {
        return false
      }
    },
  }
}

const ENCODER = new TextEncoder()

interface Parameters {
  readonly imported: Readonly<Record<string, string>> & { readonly name: string }
  readonly used: Readonly<Record<string, string | number>> & { readonly name: string }
}

const ED25519: Parameters = { imported: { name: 'Ed25519' }, used: { name: 'Ed25519' } }
const PARAMETERS: Readonly<Record<SignatureAlgorithm, Parameters>> = {
  ES256: {
    imported: { name: 'ECDSA', namedCurve: 'P-256' },
    used: { name: 'ECDSA', hash: 'SHA-256' },
  },
  RS256: {
    imported: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    used: { name: 'RSASSA-PKCS1-v1_5' },
  },
  PS256: {
    imported: { name: 'RSA-PSS', hash: 'SHA-256' },
    used: { name: 'RSA-PSS', saltLength: 32 },
  },
  EdDSA: ED25519,
  Ed25519: ED25519,
  'ML-DSA-44': { imported: { name: 'ML-DSA-44' }, used: { name: 'ML-DSA-44' } },
  'ML-DSA-65': { imported: { name: 'ML-DSA-65' }, used: { name: 'ML-DSA-65' } },
}
