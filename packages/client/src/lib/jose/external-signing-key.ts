import { parseDerSignature } from '@countersign/protocol'
import { credentialFailure } from '../errors/credential-failure.ts'
import { algorithmFor, unknownAlgorithm, wrongKey, type KeyWish } from './key-algorithm.ts'
import { keyFingerprint } from './key-fingerprint.ts'
import { publicJwk, type PublicJwk } from './public-jwk.ts'
import { isSignatureAlgorithm, SIGNATURE_ALGORITHMS } from './signature-algorithm.ts'
import type { ExternalSigningKey, SigningKey } from './signing-key.ts'

/** Makes a signing key of a caller's own sign function. Throws at once: `ArgumentError`. */
export function externalSigningKey(
  key: ExternalSigningKey,
  wish: KeyWish,
): () => Promise<SigningKey> {
  if (typeof key.sign !== 'function')
    throw wrongKey(wish.caller, "has a 'sign' that is not a function")
  if (!isSignatureAlgorithm(key.alg)) throw unknownAlgorithm(wish.caller, key.alg)
  const { kind, half } = SIGNATURE_ALGORITHMS[key.alg]
  const alg = algorithmFor(kind, key.alg, wish)
  const { kid, publicJwk: given } = key
  const shown = given && publicJwk(given)
  if (given !== undefined && (shown === undefined || kindOf(shown) !== kind)) {
    throw wrongKey(wish.caller, `has a 'publicJwk' that is no public key for ${alg}`)
  }
  return async () => ({
    alg,
    kid,
    publicJwk: shown,
    fingerprint: await keyFingerprint(alg, shown, kid),
    async sign(data) {
      let signature: unknown
      try {
        signature = await key.sign(data)
      } catch {
        // What a foreign service threw may quote its own credentials.
        throw credentialFailure(
          'the sign function of the key failed',
          'Call it by itself to see why',
        )
      }
      const bytes = signature instanceof Uint8Array ? joseSignature(signature, half) : undefined
      if (bytes !== undefined) return bytes
      throw credentialFailure(`the sign function of the key gave no ${alg} signature`)
    },
  })
}

function kindOf({ kty, crv }: PublicJwk): string | undefined {
  return kty === 'RSA' ? kty : crv
}

/** The signature as JOSE has it; `undefined` where it cannot be one. */
function joseSignature(bytes: Uint8Array, half: number | undefined): Uint8Array | undefined {
  if (half === undefined) return bytes.length > 0 ? bytes : undefined
  return bytes.length === half * 2 ? bytes : parseDerSignature(bytes, half)
}
