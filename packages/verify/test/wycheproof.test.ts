import { createPublicKey } from 'node:crypto'
import { parseJwkSet } from '@countersign/protocol'
import {
  keyFits,
  toPublicJwk,
  type SignatureAlgorithm,
  type SignatureVerifier,
} from '@countersign/verify'
import { describe, expect, it } from 'vitest'
import { readVectors } from './public-vectors.ts'
import { IMPORTS, VERIFIER_FORMS } from './verifier-forms.ts'

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
 * Files, how many of their vectors are good, and how many are not looked at: those of ML-DSA with a context,
 * which JOSE has none of.
 */
const FILES: readonly (readonly [SignatureAlgorithm, string, good: number, skipped: number])[] = [
  ['ES256', 'ecdsa_secp256r1_sha256_p1363_test', 173, 0],
  ['Ed25519', 'ed25519_test', 88, 0],
  ['EdDSA', 'ed25519_test', 88, 0],
  ['PS256', 'rsa_pss_2048_sha256_mgf1_32_test', 63, 0],
  ['RS256', 'rsa_signature_2048_sha256_test', 9, 0],
  ['ML-DSA-44', 'mldsa_44_verify_test', 75, 7],
  ['ML-DSA-65', 'mldsa_65_verify_test', 77, 7],
]

const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'))

/** One for each form; `undefined` where none takes the key. */
async function verifiersOf(
  der: string,
  algorithm: SignatureAlgorithm,
): Promise<readonly (SignatureVerifier | undefined)[]> {
  const set = parseJwkSet({ keys: [jwkOf(der)] })
  const key = set.ok ? set.value[0] : undefined
  if (key === undefined || !keyFits(key, algorithm)) return VERIFIER_FORMS.map(() => undefined)
  const publicJwk = toPublicJwk(key)
  return Promise.all(
    VERIFIER_FORMS.map(async (form) => publicJwk && IMPORTS[form](publicJwk, algorithm)),
  )
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

describe.each(FILES)("Wycheproof's vectors for %s", (algorithm, file, good, unfit) => {
  const vectors = readVectors(`wycheproof/${file}.json`) as WycheproofFile | undefined

  it.runIf(vectors !== undefined)(
    'are judged as they say, and alike by node:crypto and WebCrypto [std:89] [std:109]',
    async () => {
      const wrong: unknown[] = []
      const seen = { valid: 0, invalid: 0, acceptable: 0 }
      let skipped = 0
      for (const group of vectors?.testGroups ?? []) {
        const verifiers = await verifiersOf(group.publicKeyDer, algorithm)
        for (const { tcId, msg, sig, result, ctx } of group.tests) {
          if (ctx) {
            skipped++
            continue
          }
          const bytes = hex(msg)
          const verdicts = new Set<boolean>()
          for (const verifier of verifiers) {
            verdicts.add((await verifier?.verify(bytes, hex(sig))) ?? false)
            // What a JWS signs is ASCII, and mostly comes as a text.
            if (bytes.some((byte) => byte > 0x7f)) continue
            const text = Buffer.from(bytes).toString('latin1')
            verdicts.add((await verifier?.verify(text, hex(sig))) ?? false)
          }
          seen[result]++
          // An acceptable one may be judged either way, and both must judge it the same.
          const owed = result === 'acceptable' ? [...verdicts].slice(0, 1) : [result === 'valid']
          if ([...verdicts].join() !== owed.join()) wrong.push([tcId, ...verdicts])
        }
      }
      expect(wrong).toEqual([])
      expect([seen.valid, skipped]).toEqual([good, unfit])
      expect(seen.invalid).toBeGreaterThan(5)
    },
  )
})
