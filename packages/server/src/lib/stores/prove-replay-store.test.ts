import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { memoryStore } from '@countersign/testkit'
import type { ServerEvent } from '../events.ts'
import { proveReplayStore } from './prove-replay-store.ts'
import { provenReplayStore } from './proven-replay-store.ts'
import type { ReplayStore } from './replay-store.ts'

const now = Date.now

/** A store that is only as good as its `reserve`. */
function storeOf(reserve: (key: string) => unknown): ReplayStore {
  return {
    reserve: async (key) => (await reserve(key)) as boolean,
    forgetExpired: async () => {},
    close: async () => {},
  }
}

/** Looks first and writes then, as a cache over a network does. */
function racingStore(): ReplayStore {
  const known = new Set<string>()
  return storeOf(async (key) => {
    const isFirst = !known.has(key)
    await nextTurn()
    known.add(key)
    return isFirst
  })
}

describe('proveReplayStore', () => {
  it('takes a store that tells the first use from all others', async () => {
    expect(await proveReplayStore(memoryStore().replay, { now })).toEqual({ proven: true })
  })

  it.each([
    ['looks first and writes then', racingStore(), '8 were told to be the first'],
    ['keeps nothing', storeOf(() => true), '8 were told to be the first'],
    ['refuses everything', storeOf(() => false), '0 were told to be the first'],
    ['answers in words', storeOf(() => 'OK'), 'something else than true and false'],
    ['answers nothing', storeOf(() => undefined), 'something else than true and false'],
  ])('finds out a store that %s', async (_, store, reason) => {
    const proof = await proveReplayStore(store, { now })
    expect(proof).toMatchObject({ proven: false, reason: expect.stringContaining(reason) })
  })

  it('finds out a store that forgets at once, and one that takes all keys for one', async () => {
    let calls = 0
    const forgetful = storeOf(() => [1, 9, 10].includes(++calls))
    expect(await proveReplayStore(forgetful, { now })).toMatchObject({
      reason: 'a key that was used was taken for new',
    })
    let used = false
    const single = storeOf(() => !used && (used = true))
    expect(await proveReplayStore(single, { now })).toMatchObject({
      reason: 'a new key was taken for used',
    })
  })

  it('finds out a store that fails, and one that never answers', async () => {
    const cause = new Error('down')
    const failing = storeOf(() => {
      throw cause
    })
    expect(await proveReplayStore(failing, { now })).toMatchObject({
      reason: 'it cannot be reached',
      cause,
    })
    const silent = storeOf(() => new Promise(() => {}))
    expect(await proveReplayStore(silent, { now, deadline: 20 })).toMatchObject({
      reason: 'it cannot be reached',
      cause: { code: 'ERR_STORE' },
    })
  })
})

describe('provenReplayStore', () => {
  it('answers once the store is proven, and not before', async () => {
    const store = provenReplayStore({ store: memoryStore().replay, now, emit: () => {} })
    await expect(store.reserve('a', 9e12)).rejects.toMatchObject({ code: 'ERR_REPLAY_STORE' })
    await store.prove()
    expect(store.isProven).toBe(true)
    expect(await store.reserve('a', 9e12)).toBe(true)
    expect(await store.reserve('a', 9e12)).toBe(false)
    store.close()
  })

  it('tries again by itself, and says when the store can be relied on', async () => {
    const { replay } = memoryStore()
    let failing = true
    const events: ServerEvent[] = []
    const store = provenReplayStore({
      store: {
        ...replay,
        reserve: async (key, expiresAt) => {
          if (failing) throw new Error('down')
          return replay.reserve(key, expiresAt)
        },
      },
      now,
      emit: (event) => events.push(event),
      firstPause: 5,
    })
    await store.prove()
    expect(store.isProven).toBe(false)
    expect(events[0]).toMatchObject({
      type: 'replay_store.unproven',
      error: { code: 'ERR_REPLAY_STORE', message: expect.stringContaining('cannot be reached') },
    })
    failing = false
    await vi.waitFor(() => expect(store.isProven).toBe(true))
    expect(events.at(-1)?.type).toBe('replay_store.proven')
    store.close()
  })

  it('rejects, and guesses nothing, where a proven store fails or talks nonsense', async () => {
    const { replay } = memoryStore()
    let answer: () => unknown = () => undefined
    let isProving = true
    const store = provenReplayStore({
      store: {
        ...replay,
        reserve: async (key, expiresAt) =>
          isProving ? replay.reserve(key, expiresAt) : ((await answer()) as boolean),
      },
      now,
      emit: () => {},
      deadline: 30,
    })
    await store.prove()
    isProving = false
    for (const bad of [() => 'OK', () => 1, () => undefined, () => new Promise(() => {})]) {
      answer = bad
      await expect(store.reserve('a', 9e12)).rejects.toMatchObject({ code: 'ERR_STORE' })
    }
    store.close()
  })
})
