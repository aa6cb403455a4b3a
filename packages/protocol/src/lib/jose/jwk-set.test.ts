import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../text/json-object.ts'
import { formatJwkSet, MAX_JWK_SET_KEYS, parseJwkSet } from './jwk-set.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const PUBLIC = pair.publicKey.export({ format: 'jwk' }) as JsonObject
const PRIVATE = pair.privateKey.export({ format: 'jwk' }) as JsonObject

function kids(keys: readonly unknown[]): unknown {
  const set = parseJwkSet({ keys })
  return set.ok && set.value.map((key) => key.kid)
}

describe('formatJwkSet and parseJwkSet', () => {
  it('return the keys they were given', () => {
    const keys = [
      { ...PUBLIC, kid: 'a', alg: 'ES256', use: 'sig' },
      { ...PUBLIC, key_ops: ['verify'] },
    ]
    expect(parseJwkSet(formatJwkSet(keys))).toEqual({
      ok: true,
      value: [
        { kid: 'a', kty: 'EC', crv: 'P-256', alg: 'ES256', jwk: keys[0] },
        { kid: undefined, kty: 'EC', crv: 'P-256', alg: undefined, jwk: keys[1] },
      ],
    })
  })
})

describe('parseJwkSet', () => {
  it.each([
    ['an unknown type', { kty: 'LMS', pub: 'x' }],
    ['no type', { kid: 'x' }],
    ['no object', 'key'],
    ['null', null],
    ['a key for encryption', { ...PUBLIC, use: 'enc' }],
    ['a key that may not verify', { ...PUBLIC, key_ops: ['sign'] }],
    ['key_ops that is no list', { ...PUBLIC, key_ops: 'verify' }],
    ['a numeric kid', { ...PUBLIC, kid: 7 }],
    ['a kid of 257 characters', { ...PUBLIC, kid: 'k'.repeat(257) }],
    ['a numeric alg', { ...PUBLIC, alg: 7 }],
    ['a numeric crv', { ...PUBLIC, crv: 7 }],
  ])('[std:86] [std:87] skips %s and keeps the rest of the set', (_what, key) => {
    expect(kids([key, { ...PUBLIC, kid: 'good' }])).toEqual(['good'])
  })

  it.each([
    ['a private key', PRIVATE],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['a private ML-DSA key', { kty: 'AKP', priv: 'AAAA' }],
    ['one prime of a private key', { kty: 'RSA', n: 'AAAA', e: 'AQAB', q: 'AAAA' }],
  ])('refuses a set that holds %s', (_what, key) => {
    expect(parseJwkSet({ keys: [{ ...PUBLIC, kid: 'good' }, key] })).toMatchObject({ ok: false })
  })

  it.each([undefined, null, [], 'keys', {}, { keys: {} }, { keys: null }])(
    'refuses %j in place of a set',
    (body) => {
      expect(parseJwkSet(body).ok).toBe(false)
    },
  )

  it('reads a hundred keys and no more', () => {
    const keys = (count: number): JsonObject => ({ keys: Array(count).fill(PUBLIC) })
    expect(parseJwkSet(keys(MAX_JWK_SET_KEYS)).ok).toBe(true)
    expect(parseJwkSet(keys(MAX_JWK_SET_KEYS + 1))).toMatchObject({ ok: false, member: 'keys' })
  })

  it('takes an empty set as no keys', () => {
    expect(kids([])).toEqual([])
  })
})
