// From its source: no package that the runtime tests depend on exports it.
import { importKeySet, SIGNATURE_ALGORITHMS } from '../packages/verify/src/index.ts'
import { hasMlDsa } from './guard-suite.ts'
import type { SignatureVector } from './signature-vectors.ts'
import { equal, type Check } from './suite.ts'

/** What every runtime says of signatures, whichever of its two ways to check them is taken. */
export const SIGNATURE_CHECKS: Readonly<Record<string, Check>> = {
  async 'signatures of the RFCs and of Wycheproof are judged as they say'({ api }) {
    const response = await fetch(`${api}/guard/signatures`)
    const vectors = (await response.json()) as readonly SignatureVector[]
    equal(vectors.length >= 16, true, `${vectors.length} vectors`)
    const knowsMlDsa = await hasMlDsa()
    const wrong: string[] = []
    for (const { name, algorithm, jwk, input, signature, good } of vectors) {
      const set = await importKeySet({ keys: [jwk] }, new Set(SIGNATURE_ALGORITHMS))
      const { kid } = jwk as { readonly kid?: string }
      const [key] = set?.candidates(algorithm, kid) ?? []
      const found = (await key?.verify(fromHex(input), fromHex(signature))) ?? false
      // A runtime without ML-DSA takes no such key: its signatures are those of an unknown one.
      const owed = good && (knowsMlDsa || !algorithm.startsWith('ML-DSA'))
      if (found !== owed) wrong.push(name)
    }
    equal(wrong.join('; '), '')
  },
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
