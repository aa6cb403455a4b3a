import { describe, expect, it } from 'vitest'
import { clientLabels } from './client-label.ts'

describe('clientLabels', () => {
  it('names the first clients, and counts all the others together', () => {
    const labelOf = clientLabels(2)
    expect(['a', 'b', 'c', 'a', 'd', 'b'].map(labelOf)).toEqual([
      'a',
      'b',
      '_OTHER',
      'a',
      '_OTHER',
      'b',
    ])
  })

  it('names none where there is no room, and none that is too long', () => {
    expect(clientLabels(0)('a')).toBe('_OTHER')
    const labelOf = clientLabels(1)
    expect(labelOf('a'.repeat(257))).toBe('_OTHER')
    expect(labelOf('b')).toBe('b')
  })
})
