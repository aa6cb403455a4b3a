import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { thumbprintInput } from './jwk-thumbprint.ts'

const digest = (text: string | undefined): string =>
  createHash('sha256').update(String(text)).digest('base64url')
const jwkOf = (pair: { readonly publicKey: KeyObject }): JWK =>
  pair.publicKey.export({ format: 'jwk' })

/** RFC 7638 section 3.1. */
const RFC_KEY = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
}

describe('thumbprintInput', () => {
  it('[std:93] gives the thumbprint of RFC 7638 section 3.1, whatever else the key holds', () => {
    expect(digest(thumbprintInput(RFC_KEY))).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })

  it('[std:93] gives the thumbprint of RFC 8037 appendix A.3', () => {
    const key = { crv: 'Ed25519', kty: 'OKP', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    expect(digest(thumbprintInput(key))).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  })

  it.each([
    ['EC', jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
    ['OKP', jwkOf(generateKeyPairSync('ed25519'))],
    ['RSA', jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))],
    ['AKP', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA', priv: 'AAAA' }],
  ])('[std:93] [std:109] agrees with jose on a key of type %s', async (_type, jwk) => {
    expect(digest(thumbprintInput({ kid: 'k', ...jwk }))).toBe(await calculateJwkThumbprint(jwk))
  })

  it.each([
    {},
    { kty: 'oct', k: 'AAAA' },
    { kty: 'constructor' },
    { kty: 'EC', crv: 'P-256', x: 'AAAA' },
    { kty: 'OKP', crv: 'Ed25519', x: '' },
    { kty: 'RSA', n: 7, e: 'AQAB' },
    { kty: 'AKP', pub: 'AAAA' },
  ])('gives nothing for %j', (jwk) => {
    expect(thumbprintInput(jwk)).toBeUndefined()
  })
})
