import { describe, expect, it } from 'vitest'
import type { CredentialUse } from '../stores/usage-store.ts'
import { usageTally } from './usage-tally.ts'

describe('usageTally', () => {
  it('takes a store that never answers for one that failed, and keeps the sums for the next time', async () => {
    let hanging = true
    const added: CredentialUse[] = []
    const failures: number[] = []
    const { promise: never } = Promise.withResolvers<void>()
    const tally = usageTally({
      store: {
        async add(uses) {
          if (hanging) await never
          added.push(...uses)
        },
        read: async () => [],
        addScopes: async () => {},
        readScopes: async () => [],
        close: async () => {},
      },
      onFailure: ({ kept }) => failures.push(kept),
      deadline: 5,
    })
    const about = { clientId: 'billing', credentialId: 'one', jti: 'a' }
    tally.record({ type: 'token.revoked', at: 1000, ...about })
    expect(await tally.flush()).toBe(false)
    hanging = false
    tally.record({ type: 'token.revoked', at: 2000, ...about })
    await tally.close()
    expect(failures).toEqual([1])
    expect(added).toEqual([
      { clientId: 'billing', credentialId: 'one', tokens: 0, lastUsedAt: 2000 },
    ])
  })
})
