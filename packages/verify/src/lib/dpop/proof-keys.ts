import { parseJwkSet, thumbprintInput, type JsonObject } from '@countersign/protocol'
import { sha256Base64url } from '../digest/sha256.ts'
import { recentlyUsed } from '../recently-used.ts'
import { toPublicJwk } from '../signature/public-jwk.ts'
import { keyFits, type SignatureAlgorithm } from '../signature/signature-algorithm.ts'
import { importVerifier, type SignatureVerifier } from '../signature/signature-verifier.ts'

/** The key of a proof, imported. */
export interface ProofKey {
  readonly verifier: SignatureVerifier
  /** The SHA-256 thumbprint (`jkt`), base64url. Source: RFC 7638. */
  readonly thumbprint: string
}

/** Keys of proofs that are kept imported. */
const MAX_PROOF_KEYS = 256

/**
 * Imports the keys that proofs bring along. A client proves with one key again and again: the keys
 * used last are kept imported.
 */
export function proofKeys(): (
  jwk: JsonObject,
  algorithm: SignatureAlgorithm,
) => Promise<ProofKey | 'private_key' | 'unusable_key'> {
  const kept = recentlyUsed<ProofKey>(MAX_PROOF_KEYS)

  return async (jwk, algorithm) => {
    // What a key must not hold is looked for each time: it is no part of the name it is kept by.
    const set = parseJwkSet({ keys: [jwk] })
    if (!set.ok) return 'private_key'
    const [key] = set.value
    const input = thumbprintInput(jwk)
    if (key === undefined || input === undefined || !keyFits(key, algorithm)) return 'unusable_key'
    const name = `${algorithm} ${input}`
    const known = kept.get(name)
    if (known !== undefined) return known
    const publicJwk = toPublicJwk(key)
    const verifier = publicJwk && (await importVerifier(publicJwk, algorithm))
    if (verifier === undefined) return 'unusable_key'
    const made = { verifier, thumbprint: await sha256Base64url(input) }
    kept.set(name, made)
    return made
  }
}
