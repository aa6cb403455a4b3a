import { parseBase64url, parseCompactJws, type JsonObject } from '@countersign/protocol'
import { importKeySet, SIGNATURE_ALGORITHMS } from '@countersign/verify'
import { describe, expect, it } from 'vitest'
import { readVectors } from './public-vectors.ts'
import { useVerifiersOf, VERIFIER_FORMS } from './verifier-forms.ts'

/** C2SP/wycheproof, `testvectors_v1`, those about JOSE. */
interface JoseFile {
  readonly testGroups: readonly {
    readonly comment: string
    /** A key or a set, private where there is nothing else to publish. */
    readonly private: JsonObject
    readonly public?: JsonObject
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly jws?: string | object
      readonly jwe?: string | object
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

const ALL = new Set(SIGNATURE_ALGORITHMS)

/** The files, how many of each result there are, and those that are taken against their advice. */
const FILES: readonly (readonly [
  file: string,
  counts: { readonly good: number; readonly refused: number; readonly notOurs: number },
  taken: readonly number[],
])[] = [
  ['json_web_signature_test', { good: 16, refused: 355, notOurs: 30 }, []],
  // 7: a key with the marks of a chip that made weak ones (ROCA). Nobody is protected by looking for
  // it here: a key set is the issuer's own word about its keys.
  ['json_web_key_test', { good: 1, refused: 21, notOurs: 4 }, [7]],
  ['json_web_crypto_test', { good: 2, refused: 77, notOurs: 4 }, [46]],
]

/** Whether the token is signed with a key of the set, as far as a JWT of ours may be. */
async function isSigned(token: string, keys: readonly unknown[]): Promise<boolean> {
  const [header = '', payload = '', ...rest] = token.split('.')
  // What is signed in the vectors is no JSON: an empty object stands for it while the rest is read.
  const jws = parseCompactJws([header, 'e30', ...rest].join('.'))
  if (!jws.ok || parseBase64url(payload) === undefined) return false
  const set = await importKeySet({ keys }, ALL)
  const { alg, kid } = jws.value.header
  for (const key of set?.candidates(alg, kid) ?? []) {
    if (await key.verify(`${header}.${payload}`, jws.value.signature)) return true
  }
  return false
}

/** Whether the header names an algorithm that is checked here at all. */
function isOurs(token: string): boolean {
  const [header = ''] = token.split('.', 1)
  const text = Buffer.from(header, 'base64url').toString()
  return SIGNATURE_ALGORITHMS.some((algorithm) => text.includes(`"alg":"${algorithm}"`))
}

describe.each(FILES)("Wycheproof's %s", (file, counts, taken) => {
  const vectors = readVectors(`wycheproof/${file}.json`) as JoseFile | undefined

  it.runIf(vectors !== undefined).each(VERIFIER_FORMS)(
    'is judged as it says, on %s [std:89] [std:95] [field:8, 11, 18]',
    async (form) => {
      useVerifiersOf(form)
      const wrong: number[] = []
      const seen = { good: 0, refused: 0, notOurs: 0 }
      for (const group of vectors?.testGroups ?? []) {
        const published = group.public ?? group.private
        const keys = Array.isArray(published['keys']) ? published['keys'] : [published]
        for (const { tcId, jws = '', jwe = jws, result } of group.tests) {
          const token = typeof jwe === 'string' ? jwe : JSON.stringify(jwe)
          const good = await isSigned(token, keys)
          // Others are refused whatever they say: symmetric ones, RS384 and the like, and lax base64.
          const owed = result === 'valid' && isOurs(token)
          if (good !== owed) wrong.push(tcId)
          if (owed) seen.good++
          else if (result === 'valid') seen.notOurs++
          else seen.refused++
        }
      }
      expect(wrong).toEqual(taken)
      expect(seen).toEqual(counts)
    },
  )
})
