import * as fc from 'fast-check'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { formatDerSignature, parseDerSignature } from './ecdsa-signature.ts'

const CURVES: readonly [string, string, number][] = [
  ['P-256', 'sha256', 32],
  ['P-384', 'sha384', 48],
  ['P-521', 'sha512', 66],
]

describe('formatDerSignature and parseDerSignature', () => {
  it.each(CURVES)('[std:89] return the r and s they were given for %s', (_curve, _hash, size) => {
    const half = fc
      .tuple(
        fc.integer({ min: 0, max: size - 1 }),
        fc.uint8Array({ minLength: size, maxLength: size }),
      )
      .map(([zeros, bytes]) => bytes.fill(0, 0, zeros))
    fc.assert(
      fc.property(half, half, (r, s) => {
        const rs = Uint8Array.from([...r, ...s])
        expect(parseDerSignature(formatDerSignature(rs), size)).toEqual(rs)
        // Whatever stood in the room before.
        const room = new Uint8Array(rs.length + 9).fill(0xff)
        expect(formatDerSignature(rs, room)).toEqual(formatDerSignature(rs))
      }),
    )
  })

  it.each(CURVES)(
    '[std:89] convert what the platform signs and verifies on %s',
    (curve, hash, size) => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
      for (let i = 0; i < 30; i++) {
        const message = Buffer.from(`message ${i}`)
        const rs = parseDerSignature(sign(hash, message, privateKey), size)
        expect(rs?.length).toBe(size * 2)
        const joined = rs ?? new Uint8Array()
        expect(verify(hash, message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, joined)).toBe(
          true,
        )
        expect(verify(hash, message, publicKey, formatDerSignature(joined))).toBe(true)
      }
    },
  )
})

describe('parseDerSignature', () => {
  const good = [0x30, 6, 0x02, 1, 5, 0x02, 1, 7]
  it('reads the smallest structure', () => {
    expect(parseDerSignature(Uint8Array.from(good), 2)).toEqual(Uint8Array.from([0, 5, 0, 7]))
  })

  it.each([
    ['nothing', []],
    ['another outer tag', [0x31, ...good.slice(1)]],
    ['another inner tag', [0x30, 6, 0x03, 1, 5, 0x02, 1, 7]],
    ['an outer length that is too long', [0x30, 7, ...good.slice(2)]],
    ['an outer length that is too short', [0x30, 5, ...good.slice(2)]],
    ['an inner length past the end', [0x30, 6, 0x02, 1, 5, 0x02, 9, 7]],
    ['an empty integer', [0x30, 5, 0x02, 0, 0x02, 1, 7]],
    ['one integer', [0x30, 3, 0x02, 1, 5]],
    ['three integers', [0x30, 9, 0x02, 1, 5, 0x02, 1, 7, 0x02, 1, 7]],
    ['bytes behind the structure', [...good, 0]],
    ['an integer too large for the curve', [0x30, 8, 0x02, 3, 1, 2, 3, 0x02, 1, 7]],
    ['an indefinite length', [0x30, 0x80, ...good.slice(2), 0, 0]],
  ])('refuses %s', (_what, der) => {
    expect(parseDerSignature(Uint8Array.from(der), 2)).toBeUndefined()
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const rs = parseDerSignature(bytes, 32)
        expect(rs === undefined || rs.length === 64).toBe(true)
      }),
    )
  })
})
