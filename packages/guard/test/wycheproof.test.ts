import { describe, expect, it } from 'vitest'
import type { JsonObject } from '@countersign/protocol'
import { readVectors } from '../../verify/test/public-vectors.ts'
import { useVerifiersOf, VERIFIER_FORMS } from '../../verify/test/verifier-forms.ts'
import { startScriptedIssuer } from './scripted-issuer.ts'

/** C2SP/wycheproof, `testvectors_v1`, those about JOSE. */
interface JoseFile {
  readonly testGroups: readonly {
    readonly private: JsonObject
    readonly public?: JsonObject
    readonly tests: readonly {
      readonly tcId: number
      readonly jws?: unknown
      readonly jwe?: unknown
    }[]
  }[]
}

const FILES = ['json_web_signature_test', 'json_web_key_test', 'json_web_crypto_test']

describe.each(FILES)("a guard that meets Wycheproof's %s", (file) => {
  const vectors = readVectors(`wycheproof/${file}.json`) as JoseFile | undefined

  it.runIf(vectors !== undefined).each(VERIFIER_FORMS)(
    'lets none of it through on %s, under the keys that go with it, and survives [field:8, 12, 16, 43]',
    async (form) => {
      useVerifiersOf(form)
      let judged = 0
      for (const group of vectors?.testGroups ?? []) {
        await using issuer = await startScriptedIssuer()
        const published = group.public ?? group.private
        const keys = Array.isArray(published['keys']) ? published['keys'] : [published]
        // A set that holds a secret or a private key is refused whole, and would stand for an outage.
        const open = keys.filter((jwk: JsonObject) => jwk['kty'] !== 'oct' && !('d' in jwk))
        issuer.publish(issuer.mint, ...open.map((jwk: JsonObject) => ({ jwk })))
        for (const { tcId, jws, jwe = jws } of group.tests) {
          const token = typeof jwe === 'string' ? jwe : JSON.stringify(jwe)
          const verdict = await issuer.guard({
            method: 'GET',
            url: '/',
            headers: new Headers({ authorization: `Bearer ${token}` }),
          })
          // Not even those that are signed well: what they sign are no claims.
          const status = verdict.allowed ? 200 : verdict.status
          expect([tcId, status === 400 || status === 401]).toEqual([tcId, true])
          judged++
        }
        expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
      }
      expect(judged).toBeGreaterThan(20)
    },
  )
})
