import type { JsonObject } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { tokenMint, type MintAlgorithm } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { SIGNATURE_ALGORITHMS } from '../signature/signature-algorithm.ts'
import { importKeySet, MAX_CANDIDATES, type KeySet } from './key-set.ts'

const ALL = new Set(SIGNATURE_ALGORITHMS)

function jwk(algorithm: MintAlgorithm, kid: string): JsonObject {
  const { now } = handClock()
  return tokenMint({ issuer: 'i', audience: 'a', now, algorithm, kid }).jwk
}

async function keySet(...keys: readonly JsonObject[]): Promise<KeySet> {
  const set = await importKeySet({ keys }, ALL)
  if (set === undefined) throw new Error('the set was refused')
  return set
}

const ec = jwk('ES256', 'ec')
const rsa = jwk('RS256', 'rsa')
const { alg: _alg, ...rsaForAny } = rsa
const { kid: _kid, ...ecWithoutKid } = ec

describe('importKeySet', () => {
  it('finds a key by exact kid and the algorithm it is for [std:97] [field:11, 20]', async () => {
    const set = await keySet(ec, rsa)
    expect(set.candidates('ES256', 'ec')).toHaveLength(1)
    expect(set.candidates('RS256', 'rsa')).toHaveLength(1)
    expect(set.candidates('ES256', 'rsa')).toHaveLength(0)
    expect(set.candidates('ES256', 'EC')).toHaveLength(0)
    expect(set.candidates('ES256', '__proto__')).toHaveLength(0)
    expect(set.candidates('__proto__', 'ec')).toHaveLength(0)
  })

  it('knows a key by its thumbprint, under whatever kid it is published', async () => {
    // The key of RFC 8037 appendix A.2 and its thumbprint of appendix A.3.
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
    const set = await keySet({ kty: 'OKP', crv: 'Ed25519', x, kid: 'any' }, ec)
    expect(set.candidates('EdDSA', 'any')).toMatchObject([
      { thumbprint: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' },
    ])
    const [known] = (await keySet({ ...ec, kid: 'moved' })).candidates('ES256', 'moved')
    expect(set.candidates('ES256', 'ec')).toMatchObject([{ thumbprint: known?.thumbprint }])
  })

  it('uses a key for no other algorithm than its own alg says [std:87] [std:96]', async () => {
    const set = await keySet(rsa)
    expect(set.candidates('PS256', 'rsa')).toHaveLength(0)
    expect(set.has('rsa')).toBe(true)
  })

  it('uses a key without alg for each algorithm of its type', async () => {
    const set = await keySet(rsaForAny)
    expect(set.candidates('PS256', 'rsa')).toHaveLength(1)
    expect(set.candidates('RS256', 'rsa')).toHaveLength(1)
    expect(set.candidates('ES256', 'rsa')).toHaveLength(0)
  })

  it('uses an ML-DSA key for the algorithm it names, and only if it names one [std:108]', async () => {
    const mlDsa = jwk('ML-DSA-44', 'pq')
    const set = await keySet(mlDsa, rsa)
    expect(set.candidates('ML-DSA-44', 'pq')).toHaveLength(1)
    expect(set.candidates('ML-DSA-65', 'pq')).toHaveLength(0)
    for (const alg of [undefined, 'ML-DSA-65']) {
      const other = await keySet({ ...mlDsa, alg })
      expect(other.has('pq')).toBe(false)
    }
  })

  it('does not use a key without kid for a token that names one', async () => {
    const set = await keySet(ecWithoutKid)
    expect(set.candidates('ES256', 'ec')).toHaveLength(0)
    expect(set.candidates('ES256', undefined)).toHaveLength(1)
  })

  it('tries no more than four keys on a token, with and without kid', async () => {
    const keys = Array.from({ length: 6 }, () => jwk('ES256', 'same'))
    const set = await keySet(...keys)
    expect(set.candidates('ES256', undefined)).toHaveLength(MAX_CANDIDATES)
    expect(set.candidates('ES256', 'same')).toHaveLength(MAX_CANDIDATES)
  })

  it.each([
    ['of an unknown type', { kty: 'LMS', alg: 'ES256', kid: 'ec' }],
    ['of ML-DSA without its bytes', { kty: 'AKP', alg: 'ML-DSA-44', kid: 'ec' }],
    ['for encryption', { ...ec, use: 'enc' }],
    ['whose key_ops lack verify', { ...ec, key_ops: ['encrypt'] }],
    ['on another curve', { ...ec, crv: 'P-384' }],
    ['with a short coordinate', { ...ec, x: 'AAAA' }],
    ['with a point off the curve', { ...ec, y: ec['x'] }],
    ['with a coordinate missing', { ...ec, y: undefined }],
    ['that is not an object', 'ec' as unknown as JsonObject],
  ])('skips a key %s and keeps the others [std:86] [std:99] [field:11]', async (_name, broken) => {
    const set = await keySet(broken, rsa)
    expect(set.candidates('ES256', 'ec')).toHaveLength(0)
    expect(set.candidates('RS256', 'rsa')).toHaveLength(1)
  })

  it('skips algorithms outside the policy', async () => {
    const set = await importKeySet({ keys: [ec, rsaForAny] }, new Set(['PS256'] as const))
    expect(set?.candidates('PS256', 'rsa')).toHaveLength(1)
    expect(set?.candidates('RS256', 'rsa')).toHaveLength(0)
    expect(set?.candidates('ES256', 'ec')).toHaveLength(0)
  })

  it('takes pinned keys alone, and counts the others', async () => {
    const thumbprint = (await keySet(ec)).candidates('ES256', 'ec')[0]?.thumbprint ?? ''
    const set = await importKeySet({ keys: [rsa, ec, rsaForAny] }, ALL, new Set([thumbprint]))
    expect(set?.candidates('ES256', 'ec')).toHaveLength(1)
    expect(set?.candidates('RS256', 'rsa')).toHaveLength(0)
    expect(set?.has('rsa')).toBe(false)
    expect(set?.unpinned).toBe(2)
    expect((await keySet(ec, rsa)).unpinned).toBe(0)
  })
})
