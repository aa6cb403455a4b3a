import * as nodeCryptoModule from 'node:crypto'
import { formatDerSignature, parseCompactJws, parseJwkSet } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { tokenMint, type MintAlgorithm } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { nodeCrypto, nodeVerifier } from './node-verifier.ts'
import { toPublicJwk, type PublicJwk } from './public-jwk.ts'
import type { SignatureVerifier } from './signature-verifier.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { webVerifier } from './web-verifier.ts'

type Import = (key: PublicJwk, alg: SignatureAlgorithm) => Promise<SignatureVerifier | undefined>

const onNode: Import = async (key, alg) => {
  const found = nodeCrypto()
  if (found === undefined) throw new Error('this test needs Node')
  return nodeVerifier(found, key, alg)
}

interface Sample {
  readonly key: PublicJwk
  readonly input: string
  readonly signature: Uint8Array<ArrayBuffer>
}

function sample(algorithm: MintAlgorithm): Sample {
  const mint = tokenMint({ issuer: 'i', audience: 'a', now: handClock().now, algorithm })
  const jws = parseCompactJws(mint.token())
  const keys = parseJwkSet(mint.jwks)
  const key = keys.ok && keys.value[0] !== undefined ? toPublicJwk(keys.value[0]) : undefined
  if (!jws.ok || key === undefined) throw new Error('the mint is broken')
  return { key, input: jws.value.signingInput, signature: jws.value.signature }
}

const algorithms: readonly MintAlgorithm[] = [
  'ES256',
  'RS256',
  'PS256',
  'EdDSA',
  'Ed25519',
  'ML-DSA-44',
  'ML-DSA-65',
]
const samples = new Map(algorithms.map((algorithm) => [algorithm, sample(algorithm)]))
const forms: readonly (readonly [string, Import])[] = [
  ['node:crypto', onNode],
  ['WebCrypto', webVerifier],
]
const table = forms.flatMap(([form, load]) =>
  algorithms.map((algorithm) => [algorithm, form, load] as const),
)

async function verdicts(
  load: Import,
  algorithm: MintAlgorithm,
  change: (sample: Sample) => Partial<Sample>,
): Promise<boolean | undefined> {
  const original = samples.get(algorithm) ?? sample(algorithm)
  const { key, input, signature } = { ...original, ...change(original) }
  return (await load(key, algorithm))?.verify(input, signature)
}

describe.each(table)('a verifier for %s on %s', (algorithm, _form, load) => {
  it('accepts a good signature', async () => {
    expect(await verdicts(load, algorithm, () => ({}))).toBe(true)
  })

  it('takes the bytes of a text for the text, also as a part of others', async () => {
    const { key, input, signature } = samples.get(algorithm) ?? sample(algorithm)
    const verifier = await load(key, algorithm)
    const bytes = new TextEncoder().encode(`before ${input} after`).subarray(7, 7 + input.length)
    expect(await verifier?.verify(bytes, signature)).toBe(true)
    expect(await verifier?.verify(bytes.subarray(1), signature)).toBe(false)
  })

  it('refuses other data, and a signature changed anywhere', async () => {
    expect(await verdicts(load, algorithm, ({ input }) => ({ input: `${input}A` }))).toBe(false)
    for (const at of [0, 31, 32, 63, -1]) {
      const change = ({ signature }: Sample): Partial<Sample> => ({
        signature: flipped(signature, at),
      })
      expect(await verdicts(load, algorithm, change)).toBe(false)
    }
  })

  it('refuses a signature of another length, of zeros, of ones, and none [std:89]', async () => {
    const { length } = samples.get(algorithm)?.signature ?? []
    const odd = [
      new Uint8Array(0),
      new Uint8Array(length),
      new Uint8Array(length).fill(255),
      samples.get(algorithm)?.signature.subarray(1),
      samples.get(algorithm)?.signature.subarray(0, -1),
      Uint8Array.of(...(samples.get(algorithm)?.signature ?? []), 0),
      Uint8Array.of(0, ...(samples.get(algorithm)?.signature ?? [])),
      new Uint8Array(2000),
    ]
    for (const signature of odd) {
      expect(await verdicts(load, algorithm, () => ({ signature: signature as never }))).toBe(false)
    }
  })

  it("refuses another key's signature", async () => {
    const { key } = sample(algorithm)
    expect(await verdicts(load, algorithm, () => ({ key }))).toBe(false)
  })
})

describe.each(forms)('verifiers on %s', (_form, load) => {
  it('refuse an ECDSA signature in DER', async () => {
    const change = ({ signature }: Sample): Partial<Sample> => ({
      signature: formatDerSignature(signature),
    })
    expect(await verdicts(load, 'ES256', change)).toBe(false)
  })

  it('refuse an ECDSA signature whose halves are longer than they must be [std:89]', async () => {
    const change = ({ signature }: Sample): Partial<Sample> => ({
      signature: Uint8Array.of(0, ...signature.subarray(0, 32), 0, ...signature.subarray(32)),
    })
    expect(await verdicts(load, 'ES256', change)).toBe(false)
  })

  it('keep RS256 and PS256 apart', async () => {
    const { key, input, signature } = samples.get('RS256') ?? sample('RS256')
    expect(await (await load(key, 'PS256'))?.verify(input, signature)).toBe(false)
  })

  it('refuse a PS256 signature whose salt is not as long as the hash', async () => {
    const { publicKey, privateKey } = nodeCryptoModule.generateKeyPairSync('rsa', {
      modulusLength: 2048,
    })
    const data = new TextEncoder().encode('data')
    const options = { key: privateKey, padding: 6, saltLength: 20 }
    const signature = new Uint8Array(nodeCryptoModule.sign('sha256', data, options))
    const key = publicKey.export({ format: 'jwk' }) as unknown as PublicJwk
    expect(await (await load(key, 'PS256'))?.verify('data', signature)).toBe(false)
  })

  it('do not import a point off the curve', async () => {
    const { key } = samples.get('ES256') ?? sample('ES256')
    if (key.kty !== 'EC') throw new Error('not an EC key')
    expect(await load({ ...key, y: key.x }, 'ES256')).toBeUndefined()
  })
})

describe('a runtime without ML-DSA', () => {
  it('imports no key for it, and takes no signature for good', async () => {
    const { key } = samples.get('ML-DSA-44') ?? sample('ML-DSA-44')
    const old = {
      createPublicKey(): never {
        throw new TypeError('unsupported key type')
      },
      verify: () => true,
    }
    expect(nodeVerifier(old, key, 'ML-DSA-44')).toBeUndefined()
  })
})

describe('nodeCrypto', () => {
  it('finds node:crypto where there is one', () => {
    expect(nodeCrypto()?.verify).toBe(nodeCryptoModule.verify)
  })
})

function flipped(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  const index = at < 0 ? bytes.length + at : at
  return bytes.map((byte, position) => (position === index ? byte ^ 1 : byte))
}
