import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArgumentError } from '@countersign/protocol'
import {
  assertMasterKeys,
  formatMasterKeys,
  generateMasterKey,
  parseMasterKeys,
} from './master-key.ts'

describe('parseMasterKeys', () => {
  it('reads what formatMasterKeys wrote', () => {
    const versions = fc.uniqueArray(fc.integer({ min: 1, max: 999_999_999 }), { minLength: 1 })
    fc.assert(
      fc.property(versions, (numbers) => {
        const keys = numbers.map(generateMasterKey)
        const read = parseMasterKeys(formatMasterKeys(keys))
        expect(read.ok && read.value.map(({ version }) => version)).toEqual(numbers)
        expect(read.ok && read.value.map(({ key }) => Buffer.from(key))).toEqual(
          keys.map(({ key }) => Buffer.from(key)),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('skips empty lines and blanks around a line', () => {
    const line = formatMasterKeys([generateMasterKey(7)]).trim()
    expect(parseMasterKeys(`\r\n  ${line}  \r\n\n`).ok).toBe(true)
  })

  it('refuses everything else, and says why without quoting it', () => {
    const line = formatMasterKeys([generateMasterKey(1)]).trim()
    for (const text of [
      '',
      '\n',
      line.slice(2),
      line.slice(0, -1),
      `${line}A`,
      `0${line.slice(1)}`,
      `${line}\n${line}`,
      `${line}\nrubbish`,
      // Stray low bits: two texts must not stand for one key.
      `1:${'A'.repeat(42)}B`,
    ]) {
      const read = parseMasterKeys(text)
      expect([text, read.ok]).toEqual([text, false])
      expect(JSON.stringify(read)).not.toContain(line.slice(4, 12))
    }
  })
})

describe('generateMasterKey', () => {
  it('makes 32 different bytes each time', () => {
    const [one, other] = [generateMasterKey(), generateMasterKey()]
    expect([one.version, one.key.length]).toEqual([1, 32])
    expect(Buffer.from(one.key).equals(other.key)).toBe(false)
  })

  it('refuses a version that is no whole number from 1', () => {
    for (const version of [0, -1, 1.5, Number.NaN, 1e9]) {
      expect(() => generateMasterKey(version)).toThrow(ArgumentError)
    }
  })
})

describe('assertMasterKeys', () => {
  it('accepts distinct versions and refuses what is not a list of keys', () => {
    expect(() => assertMasterKeys('f', [generateMasterKey(2), generateMasterKey(1)])).not.toThrow()
    const short = { version: 1, key: new Uint8Array(31) }
    for (const value of [undefined, null, [], {}, [short], [{ key: new Uint8Array(32) }]]) {
      expect(() => assertMasterKeys('f', value)).toThrow(ArgumentError)
    }
    expect(() => assertMasterKeys('f', [generateMasterKey(1), generateMasterKey(1)])).toThrow(
      'twice',
    )
  })
})
