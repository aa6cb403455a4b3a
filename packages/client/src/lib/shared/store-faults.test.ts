import { storeKeyRing } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { fleet, hangs, key as fleetKey, LIFE } from '../../../test/fleet.ts'
import { AccessToken } from '../access-token.ts'
import { TransportError } from '../errors/token-error.ts'
import { sealToken } from './sealed-token.ts'

const breaks = (): never => {
  throw Object.assign(new Error('marker-driver-error'), { code: 'ECONNREFUSED' })
}
const outage = new TransportError('ERR_NETWORK', 'down', { phase: 'token' })

describe('a store that fails', () => {
  it.each(['get', 'lease', 'replaceIfNewer', 'release'] as const)(
    'in %s costs a request and no call, and is told once',
    async (operation) => {
      for (const fault of [breaks, hangs]) {
        const { process, asked, store, failures } = fleet()
        store.before[operation] = fault
        expect((await process()()).value).toBe('token-1')
        expect(asked).toHaveLength(1)
        expect(failures()).toHaveLength(1)
        const name = operation === 'replaceIfNewer' ? 'replace' : operation
        expect(failures()[0]).toMatch(new RegExp(`^${name}: `))
        expect(failures()[0]).toMatch(fault === hangs ? 'within 50 ms' : 'ECONNREFUSED')
        expect(failures().join()).not.toContain('marker')
      }
    },
  )

  it('by not answering is left alone for a while, and nobody waits for it', async () => {
    const { process, store, failures } = fleet()
    const source = process()
    store.before.get = hangs
    await source()
    const { length } = store.operations
    for (let i = 0; i < 20; i++) await source()
    expect(store.operations).toHaveLength(length)
    expect(failures()).toHaveLength(1)
  })

  it('gets a lease back that comes after its time', async () => {
    const { process, store } = fleet()
    let open = (): void => {}
    store.before.lease = () => new Promise((resolve) => (open = resolve))
    await process()()
    open()
    await expect.poll(() => store.operations.includes('release')).toBe(true)
    expect(store.leases.size).toBe(0)
  })

  it('with an error of the token endpoint hands that on, and gives the lease back', async () => {
    const { process, server, store } = fleet()
    server.answer = () => Promise.reject(outage)
    await expect(process()()).rejects.toBe(outage)
    expect(store.leases.size).toBe(0)
  })

  it('after the caller has left rejects nothing that nobody listens to', async () => {
    const { process, store } = fleet()
    const leaving = new AbortController()
    const key = () => {
      leaving.abort()
      return fleetKey
    }
    store.before.get = breaks
    const call = process({ key })({ signal: leaving.signal })
    await expect(call).rejects.toBe(leaving.signal.reason)
  })

  it('by throwing instead of rejecting is treated the same', async () => {
    const { process, keys } = fleet()
    const throwing = { get: breaks, lease: breaks, replaceIfNewer: breaks }
    expect((await process({ store: throwing, keys })()).value).toBe('token-1')
  })
})

describe('an entry of no use', () => {
  it.each(['', 'garbage', '{"access_token":"x"}', 'v1.aaaaaaaaaaa.AAAA', '\u0000'.repeat(100)])(
    'such as %j is told, and replaced for all',
    async (value) => {
      const { process, asked, kept, store, failures } = fleet()
      await process()()
      const { name, entry } = kept()
      store.entries.set(name, { ...entry, expiresAt: Number.MAX_SAFE_INTEGER, value })
      expect((await process()()).value).toBe('token-2')
      expect(failures()[0]).toContain('get: the stored token')
      expect((await process()()).value).toBe('token-2')
      expect(asked).toHaveLength(2)
    },
  )

  it('is one that was moved from another key', async () => {
    const { process, store, failures } = fleet()
    await process()({ audience: 'a' })
    const foreign = [...store.entries.values()][0]
    await process()({ audience: 'b' })
    const name = [...store.entries.keys()][1] ?? ''
    if (foreign !== undefined) store.entries.set(name, foreign)
    expect((await process()({ audience: 'b' })).value).toBe('token-3')
    expect(failures()[0]).toContain('does not open')
  })

  it('is one from a clock far ahead, whose tokens would seem to live on', async () => {
    const { process, clock, server, failures } = fleet()
    const time = clock.now() + 3_600_000
    server.init = { obtainedAt: time, expiresAt: time + LIFE }
    await process({ now: () => time })()
    server.init = {}
    expect((await process()()).value).toBe('token-2')
    expect(failures()[0]).toContain('a clock 3600000 ms ahead of ours')
    expect((await process()()).value).toBe('token-2')
  })

  it('is not one from a clock a little ahead: its times are set right', async () => {
    const { process, keys, kept, store, clock } = fleet()
    await process()()
    const { name, entry } = kept()
    const [sealing] = await storeKeyRing('f', keys, 'token')()
    if (sealing === undefined) throw new Error('no key')
    const writtenAt = clock.now() + 3000
    const times = { obtainedAt: writtenAt, expiresAt: writtenAt + LIFE }
    const token = new AccessToken({ value: 'ahead', ...times })
    store.entries.set(name, {
      ...entry,
      value: await sealToken(sealing, token, { cacheKey: name, writtenAt }),
    })
    expect(await process()()).toMatchObject({
      value: 'ahead',
      obtainedAt: clock.now(),
      expiresAt: clock.now() + LIFE,
    })
  })
})
