import { setImmediate } from 'node:timers/promises'
import { handClock, type HandClock } from '@countersign/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DocumentEvent } from './document-event.ts'
import { LoadFailure } from './load-failure.ts'
import {
  remoteDocument,
  type Loaded,
  type LoadRequest,
  type RemoteDocument,
  type RemoteDocumentOptions,
} from './remote-document.ts'

const MINUTE = 60_000

interface Scripted {
  readonly clock: HandClock
  readonly document: RemoteDocument<string>
  readonly events: readonly DocumentEvent[]
  readonly requests: readonly LoadRequest[]
  /** Lets the load of that number, from 0, bring a value or fail. */
  land(index: number, outcome: string | LoadFailure): void
}

/** A document whose loads end when the test says so. */
function scripted(options: Partial<RemoteDocumentOptions<string>> = {}): Scripted {
  const clock = handClock()
  const events: DocumentEvent[] = []
  const requests: LoadRequest[] = []
  const pending: PromiseWithResolvers<Loaded<string>>[] = []
  const document = remoteDocument<string>({
    name: 'keys',
    load(request) {
      requests.push(request)
      const held = Promise.withResolvers<Loaded<string>>()
      pending.push(held)
      return held.promise
    },
    now: clock.now,
    timeout: 5000,
    staleFor: 0,
    emit: (event) => events.push(event),
    ...options,
  })
  return {
    clock,
    document,
    events,
    requests,
    land(index, outcome) {
      if (outcome instanceof LoadFailure) pending[index]?.reject(outcome)
      else pending[index]?.resolve({ value: outcome, etag: `"${outcome}"`, maxAge: undefined })
    },
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('remoteDocument', () => {
  it('drops an answer that comes after its deadline, when a newer one is held', async () => {
    const { clock, document, events, land } = scripted({ timeout: 10 })
    expect(await document.get()).toBeUndefined()
    expect(events).toMatchObject([{ type: 'load_failed', fault: 'timeout' }])
    clock.advance(2000)
    const asked = document.get()
    land(1, 'newer')
    expect(await asked).toBe('newer')
    land(0, 'older')
    await setImmediate()
    expect(document.peek()).toBe('newer')
    expect(document.loads()).toBe(1)
  })

  it('asks with the entity tag of what it holds, and out of turn only where it is told to', async () => {
    const { clock, document, requests, land } = scripted()
    const first = document.get()
    land(0, 'one')
    await first
    clock.advance(9 * MINUTE)
    expect(document.get()).toBe('one')
    land(1, 'two')
    await document.loaded()
    const forced = document.reload()
    land(2, 'three')
    expect(await forced).toBe(true)
    expect(requests.map(({ etag, force }) => [etag, force])).toEqual([
      [undefined, false],
      ['"one"', false],
      ['"two"', true],
    ])
  })

  it('hands every load to the platform, which may throw', async () => {
    const handed: Promise<unknown>[] = []
    const { clock, document, land } = scripted({
      waitUntil(work) {
        handed.push(work)
        throw new Error('no request is being answered')
      },
    })
    const first = document.get()
    land(0, 'one')
    expect(await first).toBe('one')
    clock.advance(9 * MINUTE)
    expect(document.get()).toBe('one')
    expect(document.get()).toBe('one')
    land(1, 'two')
    expect(await Promise.all(handed)).toEqual([true, true])
    expect(document.get()).toBe('two')
  })

  it('spreads renewals over the last fifth of the time, and never lets one wait', async () => {
    for (const [random, due] of [
      [0, 8],
      [0.999, 9],
    ] as const) {
      vi.spyOn(Math, 'random').mockReturnValueOnce(random)
      const { clock, document, requests, land } = scripted()
      const first = document.get()
      land(0, 'one')
      await first
      clock.advance(due * MINUTE - 1000)
      expect(document.get()).toBe('one')
      expect(requests).toHaveLength(1)
      clock.advance(1000)
      expect(document.get()).toBe('one')
      expect(requests).toHaveLength(2)
    }
  })
})

describe('remoteDocument where requests must not wait for each other', () => {
  it('never joins a load, and lets no older answer or failure undo a newer one', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const { document, events, land, requests } = scripted({ timeout: 60_000 })
    const dropped = document.get()
    const asked = document.get()
    const also = document.get()
    await vi.advanceTimersByTimeAsync(1100)
    expect(requests).toHaveLength(2)
    land(1, 'newer')
    await vi.advanceTimersByTimeAsync(20)
    expect([await asked, await also]).toEqual(['newer', 'newer'])
    land(0, 'older')
    expect(await dropped).toBe('newer')
    expect(document.loads()).toBe(1)
    expect(events).toEqual([{ type: 'loaded', document: 'keys' }])
  })

  it('begins one renewal ahead of need, and another when that went down with its request', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const { clock, document, land, requests } = scripted()
    const first = document.get()
    land(0, 'one')
    await first
    clock.advance(9 * MINUTE)
    for (let call = 0; call < 10; call++) expect(document.get()).toBe('one')
    expect(requests).toHaveLength(2)
    clock.advance(5000)
    for (let call = 0; call < 10; call++) expect(document.get()).toBe('one')
    expect(requests).toHaveLength(3)
    land(2, 'two')
    await vi.waitFor(() => expect(document.peek()).toBe('two'))
    land(1, new LoadFailure('network'))
    await setImmediate()
    expect([document.peek(), document.fault()]).toEqual(['two', undefined])
  })
})
