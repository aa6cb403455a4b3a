import { describe, expect, it } from 'vitest'
import { SAMPLE_DER } from '../../../test/sample-certificate.ts'
import { readClientCertificate } from './client-certificate.ts'
import { isInJwkSet } from './registered-certificate.ts'

const reading = await readClientCertificate(SAMPLE_DER, { verified: false })
if (reading.kind !== 'presented') throw new Error('the sample was refused')
const { certificate } = reading
const sample = Buffer.from(SAMPLE_DER).toString('base64')
const other = Buffer.from(SAMPLE_DER.map((byte) => byte ^ 1)).toString('base64')

describe('isInJwkSet', () => {
  it('finds the certificate at any key of a set [std:129]', async () => {
    expect(await isInJwkSet(certificate, { keys: [{ x5c: [sample] }] })).toBe(true)
    const keys = [null, {}, { x5c: [other] }, { kty: 'EC', x5c: [sample, other] }]
    expect(await isInJwkSet(certificate, { keys })).toBe(true)
  })

  it.each([
    undefined,
    null,
    'keys',
    [],
    {},
    { keys: {} },
    { keys: [] },
    { keys: [{ x5c: [] }] },
    { keys: [{ x5c: sample }] },
    { keys: [{ x5c: [other] }] },
    { keys: [{ x5c: [other, sample] }] },
    { keys: [{ x5c: [`${sample} `] }] },
    { keys: [{ x5c: [7] }] },
    { keys: [{ 'x5t#S256': certificate.thumbprint }] },
    { keys: Array.from({ length: 101 }, () => ({ x5c: [sample] })) },
  ])('does not find it in %.60j [std:129]', async (jwks) => {
    expect(await isInJwkSet(certificate, jwks)).toBe(false)
  })
})
