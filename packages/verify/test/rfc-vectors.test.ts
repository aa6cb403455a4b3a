import { createPrivateKey, createPublicKey } from 'node:crypto'
import { parseBase64url, parseCompactJws } from '@countersign/protocol'
import { importKeySet, SIGNATURE_ALGORITHMS } from '@countersign/verify'
import { describe, expect, it } from 'vitest'
import { JOE, RFC_EXAMPLES } from './rfc-examples.ts'
import { useVerifiersOf, VERIFIER_FORMS } from './verifier-forms.ts'

describe.each(VERIFIER_FORMS)('the signed examples of the RFCs on %s', (form) => {
  it.each(RFC_EXAMPLES)(
    '%s verifies, and no other text with it [std:89]',
    async (_, alg, jws, jwk) => {
      useVerifiersOf(form)
      const set = await importKeySet({ keys: [jwk] }, new Set(SIGNATURE_ALGORITHMS))
      const [key] = set?.candidates(alg, jwk['kid']) ?? []
      const end = jws.lastIndexOf('.')
      const signature = parseBase64url(jws.slice(end + 1))
      if (signature === undefined) throw new Error('not base64url')
      const verdict = key?.verify(jws.slice(0, end), signature)
      // Only WebCrypto gives promises: this says which of the two was asked.
      expect(verdict instanceof Promise).toBe(form === 'WebCrypto')
      expect(await verdict).toBe(true)
      expect(await key?.verify(jws.slice(1, end), signature)).toBe(false)
      signature[7]! ^= 1
      expect(await key?.verify(jws.slice(0, end), signature)).toBe(false)
    },
  )
})

describe('the examples of the RFCs', () => {
  it('is read as the RFC says, where its payload is JSON', () => {
    const parsed = parseCompactJws(RFC_EXAMPLES[0]?.[2] ?? '')
    expect(parsed.ok && parsed.value).toMatchObject({
      header: { alg: 'RS256' },
      payload: { iss: 'joe', exp: 1_300_819_380, 'http://example.com/is_root': true },
    })
  })

  it.each([
    // RFC 7515 appendix A.1 and A.5: HS256, and no signature at all.
    `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    `eyJhbGciOiJub25lIn0.${JOE}.`,
  ])('finds no key for what it does not check [field:8, 9]', async (jws) => {
    const k =
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
    const parsed = parseCompactJws(jws)
    const set = await importKeySet({ keys: [{ kty: 'oct', k }] }, new Set(SIGNATURE_ALGORITHMS))
    const found = parsed.ok && set?.candidates(parsed.value.header.alg, undefined).length
    expect(found || 0).toBe(0)
  })

  it('gives the ML-DSA-44 key of RFC 9964, whose seed is all zeros, its thumbprint [std:93] [std:108]', async () => {
    const seed = Buffer.concat([
      Buffer.from(`3034020100300b060960864801650304031104228020`, 'hex'),
      Buffer.alloc(32),
    ])
    const secret = createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' })
    const jwk = { ...createPublicKey(secret).export({ format: 'jwk' }), kid: 'zeros' }
    const set = await importKeySet({ keys: [jwk] }, new Set(SIGNATURE_ALGORITHMS))
    expect(set?.candidates('ML-DSA-44', 'zeros')).toMatchObject([
      { thumbprint: 'T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o' },
    ])
  })
})
