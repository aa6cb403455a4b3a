import {
  parseJwkSet,
  thumbprintInput,
  type JsonObject,
  type VerificationJwk,
} from '@countersign/protocol'
import { sha256Base64url } from '../digest/sha256.ts'
import { recentlyUsed } from '../recently-used.ts'
import { toPublicJwk } from '../signature/public-jwk.ts'
import { keyFits, type SignatureAlgorithm } from '../signature/signature-algorithm.ts'
import { importVerifier, type SignatureVerifier } from '../signature/signature-verifier.ts'

/** The key of a proof: it may be one, and has not been imported for that. */
export interface ProofKey {
  readonly jwk: VerificationJwk
  readonly algorithm: SignatureAlgorithm
  /** What its thumbprint is made of. */
  readonly input: string
}

/** Looks at the keys that proofs bring along, and imports those that are to be used. */
export interface ProofKeys {
  /** Whether it is a public key that fits the algorithm. Costs no arithmetic. */
  read(jwk: JsonObject, algorithm: SignatureAlgorithm): ProofKey | 'private_key' | 'unusable_key'
  /** The SHA-256 thumbprint (`jkt`), base64url. Source: RFC 7638. */
  thumbprintOf(key: ProofKey): string | Promise<string>
  /** `undefined` for what the runtime takes for no key. */
  verifierOf(key: ProofKey): Promise<SignatureVerifier | undefined>
}

/** Keys of proofs that are kept imported. */
const MAX_PROOF_KEYS = 256

/** A client proves with one key again and again: the keys used last are kept imported. */
export function proofKeys(): ProofKeys {
  const kept = recentlyUsed<{ readonly verifier: SignatureVerifier; readonly thumbprint: string }>(
    MAX_PROOF_KEYS,
  )
  const nameOf = ({ algorithm, input }: ProofKey): string => `${algorithm} ${input}`
  const thumbprintOf: ProofKeys['thumbprintOf'] = (key) =>
    kept.get(nameOf(key))?.thumbprint ?? sha256Base64url(key.input)

  return {
    read(jwk, algorithm) {
      // What a key must not hold is looked for each time: it is no part of the name it is kept by.
      const set = parseJwkSet({ keys: [jwk] })
      if (!set.ok) return 'private_key'
      const [key] = set.value
      const input = thumbprintInput(jwk)
      if (key === undefined || input === undefined || !keyFits(key, algorithm)) {
        return 'unusable_key'
      }
      return { jwk: key, algorithm, input }
    },
    thumbprintOf,
    async verifierOf(key) {
      const known = kept.get(nameOf(key))
      if (known !== undefined) return known.verifier
      const publicJwk = toPublicJwk(key.jwk)
      const verifier = publicJwk && (await importVerifier(publicJwk, key.algorithm))
      if (verifier === undefined) return undefined
      kept.set(nameOf(key), { verifier, thumbprint: await thumbprintOf(key) })
      return verifier
    },
  }
}
