import { describe, expect, it } from 'vitest'
import { scopeCounts } from './scope-counts.ts'

describe('scopeCounts', () => {
  it('adds up by client and scope, and gives everything out once', () => {
    const counts = scopeCounts(10)
    counts.add('a', 'read', 1, 1000)
    counts.add('a', 'write', 1, 2000)
    counts.add('b', 'read', 5, 3000)
    counts.add('a', 'read', 2, 500)
    expect(counts.size).toBe(3)
    expect(counts.take()).toEqual([
      { clientId: 'a', scope: 'read', calls: 3, lastUsedAt: 1000 },
      { clientId: 'a', scope: 'write', calls: 1, lastUsedAt: 2000 },
      { clientId: 'b', scope: 'read', calls: 5, lastUsedAt: 3000 },
    ])
    expect([counts.size, counts.take(), counts.takeDropped()]).toEqual([0, [], 0])
  })

  it('holds no more than its limit: the oldest goes, and is told of once', () => {
    const counts = scopeCounts(3)
    for (let at = 0; at < 10; at++) counts.add(`c${at % 5}`, `s${at}`, 2, at)
    expect(counts.size).toBe(3)
    const left = counts.take().map(({ scope }) => scope)
    expect(left.toSorted()).toEqual(['s7', 's8', 's9'])
    expect([counts.takeDropped(), counts.takeDropped()]).toEqual([14, 0])
  })

  it('counts nothing under a name that no server knows', () => {
    const counts = scopeCounts(10)
    counts.add('a'.repeat(257), 'read', 1, 0)
    counts.add('a', 'r'.repeat(257), 1, 0)
    expect([counts.size, counts.takeDropped()]).toEqual([0, 2])
  })
})
