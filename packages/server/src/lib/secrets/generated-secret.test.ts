import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBasicCredentials } from '@countersign/protocol'
import { generateSecret, isGeneratedSecret } from './generated-secret.ts'

describe('generateSecret', () => {
  it('[std:26] makes a different secret of 256 random bits each time', () => {
    const secrets = Array.from({ length: 1000 }, generateSecret)
    expect(new Set(secrets).size).toBe(1000)
    for (const secret of secrets) expect(secret).toMatch(/^csgn_[0-9A-Za-z]{49}$/)
  })

  it('makes secrets that every encoding of Basic writes the same', () => {
    const credentials = { clientId: 'billing', clientSecret: generateSecret() }
    expect(formatBasicCredentials(credentials, 'form')).toBe(
      formatBasicCredentials(credentials, 'raw'),
    )
  })
})

describe('isGeneratedSecret', () => {
  it('accepts what generateSecret makes', () => {
    for (let i = 0; i < 1000; i++) expect(isGeneratedSecret(generateSecret())).toBe(true)
  })

  it('refuses a secret with any one character changed, left out or added', () => {
    const secret = generateSecret()
    for (let i = 0; i < secret.length; i++) {
      const other = secret[i] === 'A' ? 'B' : 'A'
      expect(isGeneratedSecret(secret.slice(0, i) + other + secret.slice(i + 1))).toBe(false)
      expect(isGeneratedSecret(secret.slice(0, i) + secret.slice(i + 1))).toBe(false)
      expect(isGeneratedSecret(`${secret.slice(0, i)}A${secret.slice(i)}`)).toBe(false)
    }
    expect(isGeneratedSecret(`${secret}\n`)).toBe(false)
    expect(isGeneratedSecret(` ${secret}`)).toBe(false)
  })

  it('refuses any other text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !isGeneratedSecret(text)))
  })
})
