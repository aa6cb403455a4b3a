import { generateKeyPairSync } from 'node:crypto'
import type { JsonObject, VerificationJwk } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { toPublicJwk } from './public-jwk.ts'

function rsaJwk(modulusLength: number): JsonObject {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength })
  return { ...publicKey.export({ format: 'jwk' }) }
}

function asKey(kty: VerificationJwk['kty'], jwk: JsonObject, crv?: string): VerificationJwk {
  return { kid: undefined, alg: undefined, kty, crv, jwk }
}

const good = rsaJwk(2048)
const coordinate = 'A'.repeat(43)

describe('toPublicJwk', () => {
  it('keeps the public members only', () => {
    const key = asKey('RSA', { ...good, kid: 'a', x5c: [], ext: true })
    expect(toPublicJwk(key)).toEqual({ kty: 'RSA', n: good['n'], e: good['e'] })
    expect(toPublicJwk(asKey('OKP', { x: coordinate, use: 'sig' }, 'Ed25519'))).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: coordinate,
    })
  })

  it('refuses RSA keys of fewer than 2048 bits, leading zeros not counted [std:88]', () => {
    expect(toPublicJwk(asKey('RSA', rsaJwk(1024)))).toBeUndefined()
    expect(toPublicJwk(asKey('RSA', rsaJwk(2040)))).toBeUndefined()
    const padded = Buffer.concat([Buffer.alloc(200), Buffer.alloc(128, 255)]).toString('base64url')
    expect(toPublicJwk(asKey('RSA', { ...good, n: padded }))).toBeUndefined()
  })

  it('refuses RSA keys that would be too costly to use', () => {
    const huge = Buffer.alloc(1025, 255).toString('base64url')
    expect(toPublicJwk(asKey('RSA', { ...good, n: huge }))).toBeUndefined()
  })

  it.each([
    ['ML-DSA-44', 1312],
    ['ML-DSA-65', 1952],
  ])('takes a %s key of %i bytes and of no other length [std:108]', (alg, length) => {
    const pub = (bytes: number): string => Buffer.alloc(bytes, 1).toString('base64url')
    const taken = { kty: 'AKP', alg, pub: pub(length) }
    expect(toPublicJwk(asKey('AKP', { ...taken, kid: 'k' }))).toEqual(taken)
    for (const other of [0, 1, 32, 1311, 1313, 1951, 1953, 2592]) {
      expect(toPublicJwk(asKey('AKP', { ...taken, pub: pub(other) }))).toBeUndefined()
    }
    for (const odd of [{ alg: 'ML-DSA-87' }, { alg: undefined }, { pub: undefined }, { pub: 7 }]) {
      expect(toPublicJwk(asKey('AKP', { ...taken, ...odd }))).toBeUndefined()
    }
    const lax = `${taken.pub.slice(0, -1)}/`
    expect(toPublicJwk(asKey('AKP', { ...taken, pub: lax }))).toBeUndefined()
  })

  it.each(['AQ', 'Ag', 'AA', '', 'AQAB=', '!!', 'AQABAQABAQAB', 65_537, undefined])(
    'refuses the exponent %j',
    (e) => {
      expect(toPublicJwk(asKey('RSA', { ...good, e }))).toBeUndefined()
    },
  )

  it.each([
    undefined,
    7,
    '',
    'AA',
    'A'.repeat(42),
    'A'.repeat(44),
    `${'A'.repeat(42)}B`,
    '+'.repeat(43),
  ])('refuses the coordinate %j [std:89]', (x) => {
    expect(toPublicJwk(asKey('OKP', { x }, 'Ed25519'))).toBeUndefined()
    expect(toPublicJwk(asKey('EC', { x, y: coordinate }, 'P-256'))).toBeUndefined()
    expect(toPublicJwk(asKey('EC', { x: coordinate, y: x }, 'P-256'))).toBeUndefined()
  })
})
