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

const FILES: readonly (readonly [SignatureAlgorithm, string])[] = [
  ['ES256', 'ecdsa_secp256r1_sha256_p1363_test'],
  ['Ed25519', 'ed25519_test'],
  ['PS256', 'rsa_pss_2048_sha256_mgf1_32_test'],
  ['RS256', 'rsa_signature_2048_sha256_test'],
  ['ML-DSA-44', 'mldsa_44_verify_test'],
  ['ML-DSA-65', 'mldsa_65_verify_test'],
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

describe.each(FILES)("Wycheproof's vectors for %s", (algorithm, file) => {
  const vectors = readVectors(`wycheproof/${file}.json`) as WycheproofFile | undefined

  it.runIf(vectors !== undefined)('are judged as they say [std:89] [std:109]', async () => {
    const wrong: number[] = []
    const seen = { valid: 0, invalid: 0 }
    for (const group of vectors?.testGroups ?? []) {
      const verifier = await verifierOf(group.publicKeyDer, algorithm)
      for (const { tcId, msg, sig, result, ctx } of group.tests) {
        const bytes = hex(msg)
        // What is signed here is always ASCII, and has no context.
        if (bytes.some((byte) => byte > 0x7f) || result === 'acceptable' || ctx) continue
        const input = Buffer.from(bytes).toString('latin1')
        const good = (await verifier?.verify(input, hex(sig))) ?? false
        seen[result]++
        if (good !== (result === 'valid')) wrong.push(tcId)
      }
    }
    expect(wrong).toEqual([])
    expect(seen.valid).toBeGreaterThan(5)
    expect(seen.invalid).toBeGreaterThan(5)
  })
})
