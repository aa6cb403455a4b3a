import { createPublicKey } from 'node:crypto'
import { readVectors } from '../packages/verify/test/public-vectors.ts'
import { RFC_EXAMPLES } from '../packages/verify/test/rfc-examples.ts'

/** A signature and what must be said of it, as JSON. */
export interface SignatureVector {
  readonly name: string
  readonly algorithm: string
  readonly jwk: object
  /** What was signed, in hex. */
  readonly input: string
  /** In hex. */
  readonly signature: string
  readonly good: boolean
}

/** C2SP/wycheproof, `testvectors_v1`. */
interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKeyDer: string
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly flags: readonly string[]
      readonly msg: string
      readonly sig: string
      readonly result: string
      readonly ctx?: string
    }[]
  }[]
}

const FILES: readonly (readonly [algorithm: string, file: string])[] = [
  ['ES256', 'ecdsa_secp256r1_sha256_p1363_test'],
  ['Ed25519', 'ed25519_test'],
  ['PS256', 'rsa_pss_2048_sha256_mgf1_32_test'],
  ['RS256', 'rsa_signature_2048_sha256_test'],
  ['ML-DSA-44', 'mldsa_44_verify_test'],
  ['ML-DSA-65', 'mldsa_65_verify_test'],
]

/** Of those vectors that are alike, in what they are marked with and in their result, so many are taken. */
const OF_EACH_KIND = 3

/**
 * What signatures are checked by on every runtime: the signed examples of the RFCs, each of them also with a
 * bit turned, and a few of each kind of Wycheproof's, where these are on this machine.
 */
export function signatureVectors(): readonly SignatureVector[] {
  return [
    ...RFC_EXAMPLES.flatMap(rfcVectors),
    ...FILES.flatMap(([algorithm, file]) => wycheproofVectors(algorithm, file)),
  ]
}

function rfcVectors([name, algorithm, jws, jwk]: (typeof RFC_EXAMPLES)[number]): SignatureVector[] {
  const end = jws.lastIndexOf('.')
  const input = Buffer.from(jws.slice(0, end)).toString('hex')
  const signature = Buffer.from(jws.slice(end + 1), 'base64url')
  const vector = (changed: string, bytes: Buffer, good: boolean): SignatureVector => ({
    name: `${name}${changed}`,
    algorithm,
    jwk,
    input,
    signature: bytes.toString('hex'),
    good,
  })
  const turned = Buffer.from(signature)
  turned.writeUInt8(turned.readUInt8(7) ^ 1, 7)
  return [
    vector('', signature, true),
    vector(', a bit turned', turned, false),
    vector(', a byte short', signature.subarray(0, -1), false),
    vector(', a byte long', Buffer.concat([signature, Buffer.of(0)]), false),
  ]
}

function wycheproofVectors(algorithm: string, file: string): SignatureVector[] {
  const { testGroups } = (readVectors(`wycheproof/${file}.json`) ?? {
    testGroups: [],
  }) as WycheproofFile
  const taken = new Map<string, number>()
  return testGroups.flatMap(({ publicKeyDer, tests }) => {
    const jwk = jwkOf(publicKeyDer)
    if (jwk === undefined) return []
    return tests.flatMap(({ tcId, comment, flags, msg, sig, result, ctx }) => {
      // JOSE has no contexts, and an acceptable one may be judged either way.
      if (ctx || result === 'acceptable') return []
      const kind = `${[...flags].toSorted().join()} ${result}`
      const before = taken.get(kind) ?? 0
      if (before >= OF_EACH_KIND) return []
      taken.set(kind, before + 1)
      const name = `Wycheproof ${file} ${tcId}: ${comment}`
      return [{ name, algorithm, jwk, input: msg, signature: sig, good: result === 'valid' }]
    })
  })
}

/** The key as its issuer would publish it; `undefined` where it is none. */
function jwkOf(der: string): object | undefined {
  try {
    const key = Buffer.from(der, 'hex')
    return createPublicKey({ key, format: 'der', type: 'spki' }).export({ format: 'jwk' })
  } catch {
    return undefined
  }
}
