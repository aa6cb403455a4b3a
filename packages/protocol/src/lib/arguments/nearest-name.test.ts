import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

describe('nearestName', () => {
  it('finds the closest name, letter case set aside', () => {
    const names = ['scope', 'scopes', 'resource']
    expect(nearestName('scop', names)).toBe('scope')
    expect(nearestName('SCOPES', names)).toBe('scopes')
    expect(nearestName('resuorce', names)).toBe('resource')
    expect(nearestName('scpoe', names)).toBe('scope')
  })

  it('gives none where none is close, or there is nothing to choose from', () => {
    expect(nearestName('wholly-different', ['scope'])).toBeUndefined()
    expect(nearestName('scope', [])).toBeUndefined()
  })

  it('does not compare names of hostile length', () => {
    expect(nearestName('a'.repeat(65), ['a'.repeat(65)])).toBeUndefined()
  })
})
