import * as fc from 'fast-check'
import { crc32 as crc32OfNode } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { crc32 } from './crc-32.ts'

describe('crc32', () => {
  it('has the check value of its definition', () => {
    expect(crc32('123456789')).toBe(0xcbf43926)
    expect(crc32('')).toBe(0)
  })

  it('is that of zlib for every ASCII text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (text) => {
        expect(crc32(text)).toBe(crc32OfNode(text))
      }),
    )
  })
})
