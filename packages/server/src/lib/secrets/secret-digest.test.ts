import { createHmac, createSecretKey } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestsEqual, secretDigest } from './secret-digest.ts'

const key = fc.uint8Array({ minLength: 32, maxLength: 64 })

describe('secretDigest', () => {
  it('is HMAC-SHA-256, whatever the pepper and the text, again and again under one pepper', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.string({ unit: 'binary', minLength: 200, maxLength: 400 }),
    )
    fc.assert(
      fc.property(key, fc.array(text, { maxLength: 4 }), (bytes, texts) => {
        const pepper = createSecretKey(bytes)
        for (const one of texts) {
          const expected = createHmac('sha256', bytes).update(one).digest('hex')
          expect(secretDigest(pepper, one).toString('hex')).toBe(expected)
        }
      }),
    )
  })

  it('gives a buffer of its own each time', () => {
    const pepper = createSecretKey(Buffer.alloc(32, 7))
    const first = secretDigest(pepper, 'one')
    const kept = Buffer.from(first)
    secretDigest(pepper, 'another')
    expect(first.equals(kept)).toBe(true)
  })

  it('refuses a pepper that is longer than a block', () => {
    expect(() => secretDigest(createSecretKey(Buffer.alloc(65, 1)), 'one')).toThrow(RangeError)
  })
})

describe('digestsEqual', () => {
  it('tells equal digests from all others, lengths included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (a, b) => {
        expect(digestsEqual(a, a.slice())).toBe(true)
        expect(digestsEqual(a, b)).toBe(Buffer.compare(a, b) === 0)
      }),
    )
  })
})
