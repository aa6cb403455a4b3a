import { generateStoreKey, ArgumentError } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { fleet, key, LIFE } from '../../../test/fleet.ts'
import { handStore } from '../../../test/hand-store.ts'
import { AccessToken } from '../access-token.ts'
import type { SenderConstraint } from '../sender-constraint/sender-constraint.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import { shared, type SharedOptions } from './shared-source.ts'

describe('shared', () => {
  it('asks once for eight processes that start at once', async () => {
    const { process, asked, server, events } = fleet()
    server.answer = () => new Promise((resolve) => void setTimeout(resolve, 30))
    const processes = Array.from({ length: 8 }, () => process({ leaseTime: 5000 }))
    const tokens = await Promise.all(processes.map((source) => source()))
    expect(asked).toHaveLength(1)
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['token-1']))
    expect(events.map(({ type }) => type)).toEqual(Array(7).fill('token.shared'))
  })

  it('gives a token of the store as it was obtained, its life counted from there', async () => {
    const { process, clock, server } = fleet()
    server.init = { scope: ['read'], refreshAt: clock.now() + 3_000_000 }
    const obtained = await process()()
    clock.advance(60_000)
    const found = await process()()
    expect(found).toEqual(obtained)
    expect(found.value).toBe(obtained.value)
  })

  it('begins no life again after a restart: what is over is asked for afresh', async () => {
    const { process, clock, asked } = fleet()
    await process()()
    clock.advance(8 * LIFE)
    expect((await process()()).value).toBe('token-2')
    expect(asked).toHaveLength(2)
  })

  it.each([1000, 30_000, 59_000, 60_000, 61_000])(
    'takes a token that lives %s ms until a twentieth of its life is left, and not then',
    async (life) => {
      const { process, clock, asked, server } = fleet()
      server.life = life
      await process()()
      clock.advance(life * 0.949)
      await process()()
      expect(asked).toHaveLength(1)
      clock.advance(life * 0.002)
      await process()()
      expect(asked).toHaveLength(2)
    },
  )

  it('shares a token that does not end, and one of 10^10 seconds', async () => {
    for (const expiresAt of [undefined, handClock().now() + 1e13]) {
      const { process, asked, server, kept } = fleet()
      server.init = { expiresAt }
      await process()()
      expect((await process()()).expiresAt).toBe(expiresAt)
      expect(asked).toHaveLength(1)
      expect(kept().entry.ttl).toBeLessThanOrEqual(2_592_000_000)
    }
  })

  it('looks once, when it is made, at a key that is given as it is', async () => {
    const { process, asked } = fleet()
    let looks = 0
    const told = {
      ...key,
      get scope() {
        looks++
        return ['read']
      },
    }
    const source = process({ key: told })
    const before = looks
    await source()
    await source()
    expect(looks).toBe(before)
    expect(asked).toHaveLength(1)
  })

  it('keeps the token of each thing asked for apart', async () => {
    const { process, asked } = fleet()
    const variations: TokenRequest[] = [
      {},
      { audience: 'a' },
      { audience: 'b' },
      { scope: ['x'] },
      { partition: 'tenant' },
    ]
    for (const request of variations) await process()(request)
    expect(asked).toHaveLength(5)
    expect((await process()({ audience: 'b' })).value).toBe('token-3')
    expect((await process()({ scope: 'x' })).value).toBe('token-4')
    expect(asked).toHaveLength(5)
  })

  it('looks for other tokens once the credential is another', async () => {
    const { process, asked } = fleet()
    let credential = 'one'
    const source = process({ key: () => ({ ...key, credential }) })
    await source()
    credential = 'two'
    await source()
    credential = 'one'
    await source()
    expect(asked).toHaveLength(2)
  })

  it('shares nothing where its function tells less than makes a token what it is', async () => {
    const { process, asked, store, failures } = fleet()
    for (const parts of [{}, { clientId: 'billing', issuer: 'https://as.example' }]) {
      const source = process({ key: () => parts as never })
      await source()
      await source()
    }
    expect(asked).toHaveLength(4)
    expect(store.operations).toEqual([])
    expect(failures()).toHaveLength(4)
  })

  it('lets every misuse of a call be seen as it is without sharing', async () => {
    const { process } = fleet()
    const refusing: TokenSource = async () => {
      throw new ArgumentError('ERR_ARGUMENT_VALUE', 'scope', 'no')
    }
    const { store, keys } = fleet()
    const source = shared(refusing, { store, keys, key })
    await expect(source({ scope: 'a"b' })).rejects.toMatchObject({ option: 'scope' })
    await expect(process()()).resolves.toBeInstanceOf(AccessToken)
  })

  it('looks again once it has the lease: another may have come and gone', async () => {
    const { process, asked, store } = fleet()
    const [first, second] = [process(), process()]
    // The second process comes and goes between the first one's look and its lease.
    store.before.lease = async () => {
      delete store.before.lease
      await second()
    }
    expect((await first()).value).toBe('token-1')
    expect(asked).toHaveLength(1)
    expect(store.leases.size).toBe(0)
  })
})

describe('a refused token, shared', () => {
  it('is never taken from the store, and its replacement is for all', async () => {
    const { process, asked } = fleet()
    const refused = await process()()
    expect((await process()({ rejected: refused })).value).toBe('token-2')
    expect(asked[1]?.rejected).toBe(refused)
    expect((await process()({ rejected: refused })).value).toBe('token-2')
    expect((await process()()).value).toBe('token-2')
    expect(asked).toHaveLength(2)
  })

  it('is replaced once by eight processes that are refused at once', async () => {
    const { process, asked } = fleet()
    const refused = await process()()
    const processes = Array.from({ length: 8 }, () => process({ leaseTime: 5000 }))
    await Promise.all(processes.map((source) => source({ rejected: refused })))
    expect(asked).toHaveLength(2)
  })

  it('is replaced by a token that ends earlier, too', async () => {
    const { process, server } = fleet()
    const refused = await process()()
    server.life = LIFE / 2
    await process()({ rejected: refused })
    expect((await process()()).value).toBe('token-2')
  })
})

describe('the key ring of a shared store', () => {
  it('rotates in three steps without one request more', async () => {
    const [old, fresh] = [generateStoreKey(), generateStoreKey()]
    const { process, asked } = fleet()
    for (const keys of [[old], [old, fresh], [fresh, old]]) await process({ keys })()
    expect(asked).toHaveLength(1)
    // While some processes are a step behind, both find what the others obtained.
    const refused = await process({ keys: [fresh, old] })()
    const renewed = await process({ keys: [fresh, old] })({ rejected: refused })
    expect((await process({ keys: [fresh] })()).value).toBe(renewed.value)
    expect(asked).toHaveLength(2)
  })

  it('renews once for processes that are a step apart in a rotation', async () => {
    const [old, fresh] = [generateStoreKey(), generateStoreKey()]
    const { process, asked, clock } = fleet()
    const [behind, ahead] = [process({ keys: [old, fresh] }), process({ keys: [fresh, old] })]
    await behind()
    clock.advance(LIFE * 0.99)
    const renewed = await ahead({ background: true })
    expect((await behind({ background: true })).value).toBe(renewed.value)
    // What is over under the first name does not hide what is good under the second.
    clock.advance(LIFE * 0.0099)
    expect((await behind()).value).toBe(renewed.value)
    expect(asked).toHaveLength(2)
  })

  it('of another fleet finds nothing', async () => {
    const { process, asked, failures } = fleet()
    await process()()
    await process({ keys: [generateStoreKey()] })()
    expect(asked).toHaveLength(2)
    expect(failures()).toEqual([])
  })
})

describe('what belongs to one client', () => {
  const constraint = (tokenType: 'Bearer' | 'DPoP'): SenderConstraint => ({
    tokenType,
    binding: async () => 'jkt:a',
    headers: async () => ({}),
    learn: () => false,
  })

  it('is put to a token of the store, and never kept there', async () => {
    const { process, server, kept, store } = fleet()
    const [first, second] = [constraint('DPoP'), constraint('DPoP')]
    const presentation = { header: 'x-token', scheme: null }
    server.init = { type: 'DPoP', senderConstraint: first, presentation: { ...presentation } }
    await process({ senderConstraint: first, presentation })()
    const found = await process({ senderConstraint: second, presentation })()
    expect(found).toMatchObject({ value: 'token-1', type: 'DPoP', presentation })
    expect(found.senderConstraint).toBe(second)
    expect(kept().entry.value).toMatch(/^v1\./)
    expect(JSON.stringify([...store.entries])).not.toContain('token-1')
  })

  it('keeps a bound token away from a client without the key', async () => {
    const { process, server, asked, failures } = fleet()
    const senderConstraint = constraint('DPoP')
    server.init = { type: 'DPoP', senderConstraint }
    await process({ senderConstraint })()
    server.init = {}
    expect((await process()()).type).toBe('Bearer')
    expect(asked).toHaveLength(2)
    expect(failures()[0]).toContain('bound in another way')
  })

  it.each([
    ['senderConstraint', { type: 'DPoP' as const, senderConstraint: constraint('DPoP') }],
    ['presentation', { presentation: { header: 'x-token', scheme: null } }],
    [
      'presentation',
      { presentation: { header: 'x', scheme: null, headers: { 'client-id': 'a' } } },
    ],
  ])('is not shared where %s was not given to shared', async (option, init) => {
    const { process, server, store, failures } = fleet()
    server.init = init
    expect((await process()()).value).toBe('token-1')
    expect(store.entries.size).toBe(0)
    expect(failures()).toEqual([
      `replace: the token is not shared: its ${option} is not the one that 'shared' was given`,
    ])
  })
})

describe('the options of shared', () => {
  const source: TokenSource = () => Promise.reject(new Error('not asked'))
  const good = { store: handStore(), keys: [generateStoreKey()], key }

  it.each<[string, unknown, string]>([
    ['no store', { ...good, store: undefined }, 'store'],
    ['a store without lease', { ...good, store: { get() {}, replaceIfNewer() {} } }, 'store'],
    ['no keys', { ...good, keys: undefined }, 'keys'],
    ['no key', { ...good, key: undefined }, 'key'],
    [
      'a key without credential',
      { ...good, key: { ...key, credential: undefined } },
      'key.credential',
    ],
    ['a key without a server', { ...good, key: { ...key, issuer: undefined } }, 'key.issuer'],
    ['a key with a wrong scope', { ...good, key: { ...key, scope: 'a"' } }, 'scope'],
    ['a timeout of 0', { ...good, timeout: 0 }, 'timeout'],
    ['an unknown name', { ...good, leasetime: 1 }, 'leasetime'],
  ])('refuse %s at once', (_, options, option) => {
    let thrown: unknown
    try {
      shared(source, options as SharedOptions)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ArgumentError)
    expect(thrown).toMatchObject({ option })
  })

  it('refuse a source that is none, and begin nothing', () => {
    expect(() => shared(undefined as never, good)).toThrow(ArgumentError)
    shared(source, good)
    expect(good.store.operations).toEqual([])
  })
})
