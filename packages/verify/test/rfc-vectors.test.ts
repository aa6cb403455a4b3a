import { createPrivateKey, createPublicKey } from 'node:crypto'
import { parseBase64url, parseCompactJws } from '@countersign/protocol'
import { importKeySet, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '@countersign/verify'
import { describe, expect, it } from 'vitest'

/** The claims of RFC 7515 appendix A, line breaks and all. */
const JOE =
  'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'

/** What the RFCs have signed with algorithms that are checked here, with the keys as they print them. */
const EXAMPLES: readonly (readonly [string, SignatureAlgorithm, string, Record<string, string>])[] =
  [
    [
      'RFC 7515 appendix A.2',
      'RS256',
      `eyJhbGciOiJSUzI1NiJ9.${JOE}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`,
      {
        kty: 'RSA',
        n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
        e: 'AQAB',
      },
    ],
    [
      'RFC 7515 appendix A.3',
      'ES256',
      `eyJhbGciOiJFUzI1NiJ9.${JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    ],
    [
      'RFC 8037 appendix A.4',
      'EdDSA',
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    ],
  ]

describe('the signed examples of the RFCs', () => {
  it.each(EXAMPLES)('%s verifies, and no other text with it [std:89]', async (_, alg, jws, jwk) => {
    const set = await importKeySet({ keys: [jwk] }, new Set(SIGNATURE_ALGORITHMS))
    const [key] = set?.candidates(alg, undefined) ?? []
    const end = jws.lastIndexOf('.')
    const signature = parseBase64url(jws.slice(end + 1))
    if (signature === undefined) throw new Error('not base64url')
    expect(await key?.verify(jws.slice(0, end), signature)).toBe(true)
    expect(await key?.verify(jws.slice(1, end), signature)).toBe(false)
    signature[7]! ^= 1
    expect(await key?.verify(jws.slice(0, end), signature)).toBe(false)
  })

  it('is read as the RFC says, where its payload is JSON', () => {
    const parsed = parseCompactJws(EXAMPLES[0]?.[2] ?? '')
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
