import { describe, expect, it } from 'vitest'
import { clientLabels } from './client-label.ts'

describe('clientLabels', () => {
  it('names the first clients, and counts all the others together', () => {
    const labelOf = clientLabels(2)
    expect(['a', 'b', 'c', 'a', 'd', 'b'].map((clientId) => labelOf(clientId, 'x'))).toEqual([
      'a',
      'b',
      '_OTHER',
      'a',
      '_OTHER',
      'b',
    ])
  })

  it('names none where there is no room, and none that is too long', () => {
    expect(clientLabels(0)('a', 'x')).toBe('_OTHER')
    const labelOf = clientLabels(1)
    expect(labelOf('a'.repeat(257), 'x')).toBe('_OTHER')
    expect(labelOf('b', 'x')).toBe('b')
  })

  it('takes clients of one name at two issuers for two', () => {
    const labelOf = clientLabels(2)
    expect(labelOf('a', 'x')).toBe('a')
    expect(labelOf('a', 'y')).toBe('a')
    expect(labelOf('a', 'z')).toBe('_OTHER')
    expect(labelOf('b', 'x')).toBe('_OTHER')
    expect(labelOf('a', 'x')).toBe('a')
  })
})
