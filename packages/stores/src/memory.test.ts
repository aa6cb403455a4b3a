import { describe, expect, it } from 'vitest'
import { ArgumentError } from '@countersign/protocol'
import { serverStoreContract } from '@countersign/testkit/contracts'
import { memoryStore } from './memory.ts'

serverStoreContract('memoryStore', {
  makeStores(count) {
    const store = memoryStore()
    return Array.from({ length: count }, () => store)
  },
})

describe('memoryStore', () => {
  it('remembers only so many replays: it rejects more until some have expired', async () => {
    const { replay } = memoryStore({ maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) expect(await replay.reserve(key, 1000)).toBe(true)
    await expect(replay.reserve('d', 5000)).rejects.toMatchObject({ code: 'ERR_STORE' })
    // What is known is known for certain, full or not.
    expect(await replay.reserve('a', 1000)).toBe(false)
    await replay.forgetExpired(2000)
    expect(await replay.reserve('d', 5000)).toBe(true)
  })

  it('keeps only so many opaque tokens: it rejects more until some have expired', async () => {
    const { opaqueTokens } = memoryStore({ maxEntries: 2 })
    const token = (digest: string) => ({ digest, claims: {}, expiresAt: 1000 })
    await opaqueTokens.put(token('a'))
    await opaqueTokens.put(token('b'))
    await expect(async () => opaqueTokens.put(token('c'))).rejects.toMatchObject({
      code: 'ERR_STORE',
    })
    expect(await opaqueTokens.get('c')).toBeUndefined()
    await opaqueTokens.forgetExpired(2000)
    await opaqueTokens.put(token('c'))
    expect(await opaqueTokens.get('c')).toBeDefined()
  })

  it('refuses a limit that is none, and an unknown option', () => {
    expect(() => memoryStore({ maxEntries: 0 })).toThrow(ArgumentError)
    expect(() => memoryStore({ maxEntry: 5 } as never)).toThrow("'maxEntries'")
  })
})
