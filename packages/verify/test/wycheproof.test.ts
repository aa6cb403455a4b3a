import { createPublicKey } from 'node:crypto'
import { parseJwkSet } from '@countersign/protocol'
import {
  importVerifier,
  keyFits,
  toPublicJwk,
  type SignatureAlgorithm,
  type SignatureVerifier,
} from '@countersign/verify'
import { describe, expect, it } from 'vitest'
import { readVectors } from './public-vectors.ts'

/** C2SP/wycheproof, `testvectors_v1`. */
interface WycheproofFile {
  readonly testGroups: readonly {
    /** In hex. */
    readonly publicKeyDer: string
    readonly tests: readonly {
      readonly tcId: number
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid' | 'acceptable'
      /** ML-DSA: a context, in hex; JOSE has none. */
      readonly ctx?: string
    }[]
  }[]
}

/**
 * Files, and how many of their vectors are not looked at: those that sign other than ASCII text, which
 * no JWS does, and those of ML-DSA with a context, which JOSE has none of.
 */
const FILES: readonly (readonly [SignatureAlgorithm, string, number])[] = [
  ['ES256', 'ecdsa_secp256r1_sha256_p1363_test', 0],
  ['Ed25519', 'ed25519_test', 67],
  ['PS256', 'rsa_pss_2048_sha256_mgf1_32_test', 1],
  ['RS256', 'rsa_signature_2048_sha256_test', 1],
  ['ML-DSA-44', 'mldsa_44_verify_test', 29],
  ['ML-DSA-65', 'mldsa_65_verify_test', 35],
]

const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'))

async function verifierOf(
  der: string,
  algorithm: SignatureAlgorithm,
): Promise<SignatureVerifier | undefined> {
  const set = parseJwkSet({ keys: [jwkOf(der)] })
  const key = set.ok ? set.value[0] : undefined
  if (key === undefined || !keyFits(key, algorithm)) return undefined
  const publicJwk = toPublicJwk(key)
  return publicJwk && importVerifier(publicJwk, algorithm)
}

/** The key as its issuer would publish it; `undefined` where it is none. */
function jwkOf(der: string): unknown {
  try {
    const key = Buffer.from(der, 'hex')
    return createPublicKey({ key, format: 'der', type: 'spki' }).export({ format: 'jwk' })
  } catch {
    return undefined
  }
}

describe.each(FILES)("Wycheproof's vectors for %s", (algorithm, file, unfit) => {
  const vectors = readVectors(`wycheproof/${file}.json`) as WycheproofFile | undefined

  it.runIf(vectors !== undefined)('are judged as they say [std:89] [std:109]', async () => {
    const wrong: number[] = []
    const seen = { valid: 0, invalid: 0, acceptable: 0 }
    let skipped = 0
    for (const group of vectors?.testGroups ?? []) {
      const verifier = await verifierOf(group.publicKeyDer, algorithm)
      for (const { tcId, msg, sig, result, ctx } of group.tests) {
        const bytes = hex(msg)
        if (bytes.some((byte) => byte > 0x7f) || ctx) {
          skipped++
          continue
        }
        const input = Buffer.from(bytes).toString('latin1')
        const good = (await verifier?.verify(input, hex(sig))) ?? false
        seen[result]++
        // An acceptable one may be judged either way.
        if (result !== 'acceptable' && good !== (result === 'valid')) wrong.push(tcId)
      }
    }
    expect(wrong).toEqual([])
    expect(skipped).toBe(unfit)
    expect(seen.valid).toBeGreaterThan(5)
    expect(seen.invalid).toBeGreaterThan(5)
  })
})
