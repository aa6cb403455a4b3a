import { ArgumentError } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { tokenStoreContract } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { memoryTokenStore } from './token-memory.ts'

const clock = handClock()

tokenStoreContract('memoryTokenStore', {
  makeStore: () => memoryTokenStore({ now: clock.now }),
  pass: (milliseconds) => clock.advance(milliseconds),
})

describe('memoryTokenStore', () => {
  it('keeps no more entries than its limit: the one written longest ago goes', async () => {
    const store = memoryTokenStore({ limit: 3 })
    const write = (key: string, expiresAt: number) =>
      store.replaceIfNewer(key, { value: key, expiresAt, ttl: 60_000 })
    for (const key of ['a', 'b', 'c']) await write(key, 1)
    await write('a', 2)
    await write('d', 1)
    const left = await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.get(key)))
    expect(left).toEqual(['a', undefined, 'c', 'd'])
  })

  it('gives a lease again after the clock was set back, not when that time has come again', async () => {
    const store = memoryTokenStore({ now: clock.now })
    await store.lease('a', 'owner', 15_000)
    expect(await store.lease('a', 'other', 15_000)).toBeUndefined()
    clock.advance(-3_600_000)
    expect(await store.lease('a', 'other', 15_000)).toBeDefined()
  })

  it('refuses unknown options', () => {
    expect(() => memoryTokenStore({ limt: 3 } as never)).toThrow(ArgumentError)
  })
})
