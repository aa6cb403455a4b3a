import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCompactJws, formatSigningInput, parseCompactJws } from '../jose/compact-jws.ts'
import type { JsonObject } from '../text/json-object.ts'
import { MAX_DPOP_PROOF, parseDpopProof } from './dpop-proof.ts'

const HEADER = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC' } }
const CLAIMS = { jti: 'one', htm: 'POST', htu: 'https://as.example/token', iat: 1_562_262_616 }
const SIGNATURE = new Uint8Array(64).fill(1)

function proof(header: JsonObject = {}, claims: JsonObject = {}): string {
  const input = formatSigningInput({ ...HEADER, ...header }, { ...CLAIMS, ...claims })
  return formatCompactJws(input, SIGNATURE)
}

describe('parseDpopProof', () => {
  it('gives what a proof holds', () => {
    const text = proof({}, { ath: 'hash', nonce: 'nonce', extra: 1 })
    expect(parseDpopProof(text)).toEqual({
      ok: true,
      value: {
        ...CLAIMS,
        ath: 'hash',
        nonce: 'nonce',
        typ: 'dpop+jwt',
        alg: 'ES256',
        jwk: { kty: 'EC' },
        signingInput: text.slice(0, text.lastIndexOf('.')),
        signature: SIGNATURE,
      },
    })
  })

  it('reads each header anew, and leaves the one that tokens share alone', () => {
    const read = (text: string): unknown => {
      const parsed = parseDpopProof(text)
      return parsed.ok && parsed.value.jwk['kty']
    }
    expect([read(proof()), read(proof({ jwk: { kty: 'RSA' } })), read(proof())]).toEqual([
      'EC',
      'RSA',
      'EC',
    ])
    const token = parseCompactJws(proof({ typ: 'at+jwt' }))
    expect(token.ok && token.value.header).toEqual({ alg: 'ES256', kid: undefined, typ: 'at+jwt' })
  })

  it.each<[string, JsonObject, JsonObject]>([
    ['jwk', { jwk: undefined }, {}],
    ['jwk', { jwk: 'key' }, {}],
    ['jwk', { jwk: [] }, {}],
    ['jwk', { jwk: null }, {}],
    ['alg', { alg: undefined }, {}],
    ['alg', { alg: 7 }, {}],
    ['typ', { typ: 7 }, {}],
    ['crit', { crit: ['exp'] }, {}],
    ['b64', { b64: false }, {}],
    ...['jti', 'htm', 'htu'].flatMap((name): [string, JsonObject, JsonObject][] =>
      [undefined, '', 7, null, ['a']].map((value) => [name, {}, { [name]: value }]),
    ),
    ...[undefined, '1562262616', null, -1, 1_562_262_616_000_000].map(
      (iat): [string, JsonObject, JsonObject] => ['iat', {}, { iat }],
    ),
    ['ath', {}, { ath: 7 }],
    ['nonce', {}, { nonce: ['a'] }],
  ])('[std:82] [std:215] finds fault with %s in %j %j', (member, header, claims) => {
    expect(parseDpopProof(proof(header, claims))).toMatchObject({ ok: false, member })
  })

  it.each([
    '',
    'a.b',
    'a.b.c.d',
    '.'.repeat(5000),
    `${proof()}=`,
    ` ${proof()}`,
    proof().replace(/[^.]*$/, ''),
  ])('takes no %j for a proof [std:84] [std:85]', (text) => {
    expect(parseDpopProof(text).ok).toBe(false)
  })

  it('looks at no proof over its cap [std:220]', () => {
    const long = proof({}, { jti: 'j'.repeat(MAX_DPOP_PROOF) })
    expect(parseDpopProof(long)).toMatchObject({ member: 'proof', reason: 'is too long' })
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.base64String()).map((all) => all.join('.')),
        ),
        (text) => {
          expect(parseDpopProof(text).ok).toBe(false)
        },
      ),
    )
  })
})
