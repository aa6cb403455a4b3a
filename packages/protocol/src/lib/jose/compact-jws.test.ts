import * as fc from 'fast-check'
import { CompactSign, compactVerify } from 'jose'
import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  formatCompactJws,
  formatSigningInput,
  MAX_COMPACT_JWS,
  parseCompactJws,
} from './compact-jws.ts'

const HEADER = { typ: 'at+jwt', alg: 'ES256', kid: 'k1' }

function segment(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return Buffer.from(text).toString('base64url')
}

function token(header: unknown, payload: unknown = {}, signature = 'c2ln'): string {
  return `${segment(header)}.${segment(payload)}.${signature}`
}

describe('formatCompactJws and parseCompactJws', () => {
  it('return the header, payload and signature they were given', () => {
    const claims = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
    const signature = fc.uint8Array({ minLength: 1, maxLength: 132 })
    fc.assert(
      fc.property(claims, signature, (payload, bytes) => {
        const signingInput = formatSigningInput(HEADER, payload)
        const jws = parseCompactJws(formatCompactJws(signingInput, bytes))
        expect(jws).toMatchObject({ ok: true, value: { header: HEADER, signingInput } })
        expect(jws.ok && { ...jws.value.payload }).toEqual(JSON.parse(JSON.stringify(payload)))
        expect(jws.ok && jws.value.signature).toEqual(bytes)
      }),
    )
  })

  it('agree with jose in both directions', async () => {
    const key = randomBytes(32)
    const payload = { iss: 'https://as.example', text: 'ü€😀' }
    const theirs = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key)
    expect(parseCompactJws(theirs)).toMatchObject({ ok: true, value: { payload } })

    const signingInput = formatSigningInput({ alg: 'HS256' }, payload)
    const signature = createHmac('sha256', key).update(signingInput).digest()
    const verified = await compactVerify(formatCompactJws(signingInput, signature), key)
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toEqual(payload)
  })

  it('parse never throws, whatever the text', () => {
    const piece = fc.constantFrom('.', 'e30', segment(HEADER), 'A', '=', ' ', 'é', 'bnVsbA')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        expect(typeof parseCompactJws(pieces.join('')).ok).toBe('boolean')
      }),
    )
  })
})

describe('parseCompactJws', () => {
  it('gives bytes that stay as they are, however many tokens come after', () => {
    const made = Array.from({ length: 400 }, (_, i) => {
      const signature = randomBytes(1 + (i % 300))
      const input = formatSigningInput(HEADER, { jti: `token ${i}` })
      return { signature, input, jws: parseCompactJws(formatCompactJws(input, signature)) }
    })
    for (const { signature, input, jws } of made) {
      if (!jws.ok) throw new Error(jws.reason)
      expect(Buffer.from(jws.value.signed).toString()).toBe(input)
      expect(Buffer.from(jws.value.signature)).toEqual(signature)
    }
  })

  it('reads a header anew that differs from a known one in a letter', () => {
    for (const kid of ['k1', 'k2', 'K1', 'k1', 'k2']) {
      expect(parseCompactJws(token({ ...HEADER, kid }))).toMatchObject({
        value: { header: { kid } },
      })
    }
    const known = segment(HEADER)
    const [first = ''] = known
    const swapped = first === 'e' ? `f${known.slice(1)}` : `e${known.slice(1)}`
    expect(parseCompactJws(`${swapped}.e30.c2ln`).ok).toBe(false)
  })

  it.each([
    ['no dot', 'abc'],
    ['one dot', 'e30.e30'],
    ['four dots, an encrypted token', 'e30.e30.e30.e30.e30'],
    ['dots alone', '.'.repeat(10_000)],
    ['the empty text', ''],
  ])('[std:85] refuses %s', (_what, text) => {
    expect(parseCompactJws(text)).toMatchObject({ ok: false, member: 'token' })
  })

  it.each([
    ['an empty signature, as alg none has', token(HEADER, {}, ''), 'signature'],
    ['a padded signature', token(HEADER, {}, 'c2lnbg=='), 'signature'],
    ['a padded header', `${segment(HEADER)}=.e30.c2ln`, 'header'],
    ['a blank in the payload', `${segment(HEADER)}.e3 0.c2ln`, 'payload'],
    ['a line break behind the token', `${token(HEADER)}\n`, 'signature'],
  ])('[std:84] [std:90] refuses %s', (_what, text, member) => {
    expect(parseCompactJws(text)).toMatchObject({ ok: false, member })
  })

  it.each([
    ['an empty list', []],
    ['a name that is not understood', ['exp']],
    ['a standard name', ['alg']],
    ['something that is no list', 'b64'],
    ['null', null],
  ])('[std:82] refuses crit with %s', (_what, crit) => {
    expect(parseCompactJws(token({ ...HEADER, crit }))).toMatchObject({ ok: false, member: 'crit' })
  })

  it.each([true, false])('[std:94] refuses b64 %s', (b64) => {
    expect(parseCompactJws(token({ ...HEADER, b64 }))).toMatchObject({ ok: false, member: 'b64' })
  })

  it.each([
    ['no alg', { typ: 'JWT' }, 'alg'],
    ['an empty alg', { alg: '' }, 'alg'],
    ['a numeric alg', { alg: 7 }, 'alg'],
    ['a numeric kid', { alg: 'ES256', kid: 7 }, 'kid'],
    ['a kid of 257 characters', { alg: 'ES256', kid: 'k'.repeat(257) }, 'kid'],
    ['a typ that is no string', { alg: 'ES256', typ: ['at+jwt'] }, 'typ'],
    ['a list as header', [], 'header'],
    ['text as header', 'alg', 'header'],
    ['alg hidden in __proto__', '{"__proto__":{"alg":"ES256"}}', 'alg'],
  ])('[std:97] refuses %s', (_what, header, member) => {
    expect(parseCompactJws(token(header))).toMatchObject({ ok: false, member })
  })

  it.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['text', 'text'],
    ['deep nesting', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`],
  ])('refuses %s as payload', (_what, payload) => {
    expect(parseCompactJws(token(HEADER, payload))).toMatchObject({ ok: false, member: 'payload' })
  })

  it('refuses bytes that are no UTF-8, and a byte order mark', () => {
    const broken = Buffer.from('{"a":"\xff"}', 'latin1').toString('base64url')
    expect(parseCompactJws(`${segment(HEADER)}.${broken}.c2ln`).ok).toBe(false)
    expect(parseCompactJws(token('\ufeff{"alg":"ES256"}')).ok).toBe(false)
  })

  it('[std:104] reads typ in lower case and without the application prefix', () => {
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt']) {
      expect(parseCompactJws(token({ ...HEADER, typ }))).toMatchObject({
        value: { header: { typ: 'at+jwt' } },
      })
    }
  })

  it('[std:98] gives a header that has no place for keys or key addresses', () => {
    const jws = parseCompactJws(
      token({
        ...HEADER,
        jku: 'https://evil.example',
        jwk: {},
        x5u: 'https://evil.example',
        x5c: [],
      }),
    )
    expect(jws.ok && jws.value.header).toEqual(HEADER)
  })

  it('looks at no text over the cap', () => {
    const start = token(HEADER, {}, '')
    const fill = MAX_COMPACT_JWS - start.length
    expect(parseCompactJws(start + 'A'.repeat(fill)).ok).toBe(true)
    expect(parseCompactJws(start + 'A'.repeat(fill + 4))).toMatchObject({ reason: 'is too long' })
  })
})
