import { describe, expect, it } from 'vitest'
import { fleet, hangs, LIFE } from '../../../test/fleet.ts'
import { TransportError } from '../errors/token-error.ts'
import { reuse } from '../reuse/reuse.ts'

const outage = new TransportError('ERR_NETWORK', 'down', { phase: 'token' })

describe('renewal of a shared token', () => {
  it('is done by the first that asks ahead of need; the others find the new one', async () => {
    const { process, clock, asked } = fleet()
    await process()()
    clock.advance(LIFE * 0.7)
    expect((await process()({ background: true })).value).toBe('token-2')
    expect((await process()({ background: true })).value).toBe('token-2')
    expect((await process()()).value).toBe('token-2')
    expect(asked).toHaveLength(2)
  })

  it('keeps nobody waiting: a call gets the token that serves still', async () => {
    const { process, clock, asked, server } = fleet()
    await process()()
    clock.advance(LIFE * 0.7)
    server.answer = hangs
    void process()({ background: true })
    await expect.poll(() => asked.length).toBe(2)
    expect((await process()()).value).toBe('token-1')
    expect((await process()({ background: true })).value).toBe('token-1')
    expect(asked).toHaveLength(2)
  })

  it('that fails is not tried by the whole fleet at once', async () => {
    const { process, clock, asked, server } = fleet()
    await process()()
    clock.advance(LIFE * 0.7)
    server.answer = () => Promise.reject(outage)
    await expect(process()({ background: true })).rejects.toBe(outage)
    for (let i = 0; i < 7; i++) await process()({ background: true })
    expect(asked).toHaveLength(2)
  })

  it('that brings the same token again does not make the fleet spin', async () => {
    const { process, clock, asked, server } = fleet()
    server.value = () => 'same'
    await process()()
    clock.advance(LIFE * 0.7)
    server.init = { obtainedAt: clock.now() - LIFE * 0.7, expiresAt: clock.now() + LIFE * 0.3 }
    for (let i = 0; i < 8; i++) await process()({ background: true })
    expect(asked).toHaveLength(2)
  })

  it('under reuse makes one request a life for eight processes', async () => {
    const { process, clock, asked } = fleet()
    const processes = Array.from({ length: 8 }, () => reuse(process(), { now: clock.now }))
    for (let minute = 0; minute < 6 * 60; minute++) {
      for (const source of processes) await source()
      await new Promise((resolve) => void setTimeout(resolve, 0))
      clock.advance(60_000)
    }
    // Six hours of one-hour tokens, each renewed with about a third of its life left.
    expect(asked.length).toBeGreaterThanOrEqual(6)
    expect(asked.length).toBeLessThanOrEqual(11)
  })
})

describe('waiting for another process', () => {
  it('ends when that process gives up its lease without a token', async () => {
    const { process, asked, server, store } = fleet()
    server.answer = async () => {
      if (asked.length === 1) throw outage
    }
    const processes = [process({ leaseTime: 5000 }), process({ leaseTime: 5000 })]
    const results = await Promise.allSettled(processes.map((source) => source()))
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(store.leases.size).toBe(0)
  })

  it('ends after twice the lease time: then it asks for itself, and shares what it got', async () => {
    const { process, asked, store, kept } = fleet()
    await process()()
    store.leases.set(kept().name, 'a process that hangs')
    store.entries.clear()
    const started = performance.now()
    await process({ leaseTime: 30 })()
    expect(performance.now() - started).toBeGreaterThan(59)
    expect(asked).toHaveLength(2)
    expect(store.entries.size).toBe(1)
  })

  it('ends when the caller leaves, at once and with its reason', async () => {
    const { process, asked, store, kept } = fleet()
    await process()()
    store.leases.set(kept().name, 'another')
    store.entries.clear()
    const leaving = new AbortController()
    const reason = new Error('no time')
    const waiting = process({ leaseTime: 60_000 })({ signal: leaving.signal })
    await expect
      .poll(() => store.operations.filter((one) => one === 'lease').length)
      .toBeGreaterThan(2)
    const { length } = store.operations
    leaving.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(store.operations).toHaveLength(length)
    expect(asked).toHaveLength(1)
    await expect(process()({ signal: leaving.signal })).rejects.toBe(reason)
  })
})
