import { parseClientCert } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { readVectors } from './public-vectors.ts'

/** httpwg/structured-field-tests, `binary.json`. Byte sequences are given in base32. */
interface FieldVector {
  readonly name: string
  readonly raw: readonly string[]
  readonly expected?: readonly [{ readonly value: string }, readonly unknown[]]
  readonly must_fail?: boolean
  readonly can_fail?: boolean
}

const vectors = readVectors('structured-fields/binary.json') as readonly FieldVector[] | undefined
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function fromBase32(text: string): Uint8Array {
  const bits = text
    .replaceAll('=', '')
    .split('')
    .map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

describe('the byte sequences of the structured-field tests', () => {
  it.runIf(vectors !== undefined)('are read as they say [std:135]', () => {
    expect(vectors?.length).toBeGreaterThan(10)
    for (const { name, raw, expected, must_fail, can_fail } of vectors ?? []) {
      const field = parseClientCert(raw.join(', '))
      if (must_fail === true) expect([name, field.ok]).toEqual([name, false])
      else if (can_fail === true && !field.ok) continue
      else {
        const value = fromBase32(expected?.[0].value ?? '')
        expect([name, field]).toEqual([name, { ok: true, value }])
      }
    }
  })
})

/** Their fields of other types: items, lists and dictionaries, good and bad. */
const OTHERS = ['item', 'string', 'token', 'list', 'param-list', 'dictionary']

describe('what the structured-field tests have of other types', () => {
  it.runIf(vectors !== undefined).each(OTHERS)('is no certificate: %s.json [std:135]', (file) => {
    const others = readVectors(`structured-fields/${file}.json`) as readonly FieldVector[]
    expect(others.length).toBeGreaterThan(4)
    const taken = others.filter(({ raw }) => parseClientCert(raw.join(', ')).ok)
    expect(taken.map(({ name }) => name)).toEqual([])
  })
})
