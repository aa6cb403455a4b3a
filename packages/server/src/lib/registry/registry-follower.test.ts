import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryStore } from '@countersign/testkit'
import { followRegistry, type RegistryFollower } from './registry-follower.ts'
import type { RegistryChange, RegistryStore } from './registry-store.ts'

const HOUR = 3_600_000

let follower: RegistryFollower | undefined
afterEach(() => follower?.stop())

function follow(
  store: RegistryStore,
  options: { readonly interval?: number; readonly readDeadline?: number } = {},
): { readonly seen: string[]; readonly follower: RegistryFollower } {
  const seen: string[] = []
  follower = followRegistry({
    store,
    interval: HOUR,
    onRead: () => seen.push('read'),
    onChange: ({ revision }) => seen.push(`revision ${revision}`),
    onFailure: () => seen.push('failed'),
    onRecovery: () => seen.push('recovered'),
    ...options,
  })
  return { seen, follower }
}

function aClient(clientId: string): RegistryChange {
  const record = {
    clientId,
    name: clientId,
    state: 'active',
    authenticationMethods: null,
    createdAt: 0,
  } as const
  return { kind: 'client', record, require: 'absent' }
}

describe('followRegistry', () => {
  it('takes a change in at once where the store tells of it, however long the interval', async () => {
    const { registry } = memoryStore()
    const { follower: following } = follow(registry)
    await following.refresh()
    following.start()
    await registry.apply([aClient('a')])
    await vi.waitFor(() => expect(following.snapshot.clients.has('a')).toBe(true))
  })

  it('reads once more where it is told of a change while it reads, and not once for each', async () => {
    const { registry } = memoryStore()
    let tell = (): void => {}
    let reads = 0
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const { follower: following } = follow({
      ...registry,
      async changesSince(revision) {
        reads++
        const changes = await registry.changesSince(revision)
        if (reads === 2) await gate
        return changes
      },
      watch(listener) {
        tell = listener
        return () => {}
      },
    })
    await following.refresh()
    following.start()
    tell()
    await vi.waitFor(() => expect(reads).toBe(2))
    // This read has its answer and does not hold it.
    await registry.apply([aClient('late')])
    for (let times = 0; times < 100; times++) tell()
    open()
    await vi.waitFor(() => expect(following.snapshot.clients.has('late')).toBe(true))
    expect(reads).toBe(3)
  })

  it('is told of nothing once it has stopped', async () => {
    const { registry } = memoryStore()
    const { follower: following, seen } = follow(registry)
    await following.refresh()
    following.start()
    following.stop()
    await registry.apply([aClient('a')])
    expect(following.snapshot.clients.size).toBe(0)
    expect(seen).toEqual(['read'])
  })

  it('asks again after a read that never ends, and does not take its answer in later', async () => {
    const { registry } = memoryStore()
    let answerLate = (): void => {}
    let reads = 0
    const { follower: following, seen } = follow(
      {
        ...registry,
        async changesSince(revision) {
          const changes = await registry.changesSince(revision)
          if (++reads === 2) await new Promise<void>((resolve) => (answerLate = resolve))
          return changes
        },
      },
      { readDeadline: 30 },
    )
    await registry.apply([aClient('a')])
    await following.refresh()
    await registry.apply([aClient('b')])
    await expect(following.refresh()).rejects.toMatchObject({ code: 'ERR_STORE' })
    await registry.apply([aClient('c')])
    await following.refresh()
    answerLate()
    await following.refresh()
    expect(seen).toEqual([
      'read',
      'revision 1',
      'failed',
      'read',
      'revision 3',
      'recovered',
      'read',
    ])
    expect(following.snapshot.clients.size).toBe(3)
  })

  it('goes on looking after a look that never ends', async () => {
    const { registry } = memoryStore()
    let reads = 0
    const { watch: _, ...unwatched } = registry
    const { follower: following, seen } = follow(
      {
        ...unwatched,
        changesSince: (revision) =>
          ++reads === 2 ? new Promise(() => {}) : registry.changesSince(revision),
      },
      { interval: 5, readDeadline: 20 },
    )
    await registry.apply([aClient('first')])
    await following.refresh()
    following.start()
    await registry.apply([aClient('a')])
    await vi.waitFor(() => expect(following.snapshot.clients.has('a')).toBe(true))
    expect(seen).toContain('failed')
    expect(seen).toContain('recovered')
  })

  it('says that it recovered whoever asked: after a failed start, too', async () => {
    const { registry } = memoryStore()
    let failing = true
    const { follower: following, seen } = follow({
      ...registry,
      changesSince: async (revision) => {
        if (failing) throw new Error('down')
        return registry.changesSince(revision)
      },
    })
    await expect(following.refresh()).rejects.toThrow('down')
    await expect(following.refresh()).rejects.toThrow('down')
    failing = false
    await following.refresh()
    await following.refresh()
    expect(seen).toEqual(['failed', 'failed', 'read', 'recovered', 'read'])
  })

  it('reads once for all who ask while a read is under way', async () => {
    const { registry } = memoryStore()
    let reads = 0
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const { follower: following } = follow({
      ...registry,
      async changesSince(revision) {
        reads++
        const changes = await registry.changesSince(revision)
        if (reads === 1) await gate
        return changes
      },
    })
    const first = following.refresh()
    await vi.waitFor(() => expect(reads).toBe(1))
    // This read has its answer and does not hold it.
    await registry.apply([aClient('late')])
    const others = Array.from({ length: 100 }, () => following.refresh())
    open()
    await Promise.all([first, ...others])
    expect(reads).toBe(2)
    expect(following.snapshot.clients.has('late')).toBe(true)
  })

  it('reads everything anew where the store moved on while it could not be read', async () => {
    let store = memoryStore().registry
    let failing = false
    const { follower: following } = follow({
      ...store,
      async changesSince(revision) {
        if (failing) throw new Error('down')
        return store.changesSince(revision)
      },
    })
    await store.apply([aClient('lost')])
    await following.refresh()
    failing = true
    await expect(following.refresh()).rejects.toThrow('down')
    // What comes back is a copy that never had the change, and has made others since.
    store = memoryStore().registry
    await store.apply([aClient('other')])
    await store.apply([aClient('another')])
    failing = false
    await following.refresh()
    expect([...following.snapshot.clients.keys()]).toEqual(['other', 'another'])
  })
})
