import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deriveKeys } from './derived-keys.ts'
import { generateMasterKey } from './master-key.ts'
import { seal, unseal } from './sealed.ts'

const { sealing, pepper } = deriveKeys([generateMasterKey()]).current

describe('unseal', () => {
  it('opens what seal made, with the same key and binding', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, boundTo) => {
        const opened = unseal(sealing, seal(sealing, bytes, boundTo), boundTo)
        expect(opened && Buffer.from(opened)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('opens nothing under another key, another binding, or once any character changed', () => {
    const sealed = seal(sealing, Buffer.from('a private key'), 'kid')
    expect(unseal(pepper, sealed, 'kid')).toBeUndefined()
    expect(unseal(sealing, sealed, 'other')).toBeUndefined()
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
      expect(unseal(sealing, changed, 'kid')).toBeUndefined()
    }
    for (const text of ['', 'AAAA', 'not base64url!']) {
      expect(unseal(sealing, text, 'kid')).toBeUndefined()
    }
  })

  it('gives another text each time', () => {
    const bytes = Buffer.from('a private key')
    expect(seal(sealing, bytes, 'kid')).not.toBe(seal(sealing, bytes, 'kid'))
  })
})

describe('deriveKeys', () => {
  it('derives different keys for each purpose and each master key, the same each time', () => {
    const [first, second] = [generateMasterKey(1), generateMasterKey(2)]
    const ring = deriveKeys([second, first])
    expect(ring.current.version).toBe(2)
    expect(ring.of(3)).toBeUndefined()
    const keys = [ring.of(1)?.pepper, ring.of(1)?.sealing, ring.of(2)?.pepper, ring.of(2)?.sealing]
    const bytes = keys.map((key) => key?.export().toString('hex'))
    expect(new Set(bytes).size).toBe(4)
    expect(deriveKeys([first]).current.pepper.export().toString('hex')).toBe(bytes[0])
  })
})
