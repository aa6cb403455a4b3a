import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type RegistryStore,
  type ServerStore,
  type ServerEvent,
} from '@countersign/server'
import {
  memoryStore,
  type RunningAuthorizationServer,
  startAuthorizationServer,
} from '@countersign/testkit'
import { postToken } from './post-token.ts'

let running: RunningAuthorizationServer | undefined
afterEach(async () => {
  await running?.close()
  running = undefined
})

/** A store that counts its calls, and fails them while it is told to. */
function countingStore() {
  const inner = memoryStore()
  const state = { calls: 0, failing: false }
  const counted =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      state.calls++
      if (state.failing) throw new Error('the disk is on fire')
      return call(...args)
    }
  const { registry } = inner
  const store: ServerStore = {
    ...inner,
    registry: {
      changesSince: counted(registry.changesSince),
      apply: counted(registry.apply),
      forgetRevocations: counted(registry.forgetRevocations),
      close: () => registry.close(),
    },
  }
  return { store, state }
}

describe('an authorization server', () => {
  it('issues 500 tokens without one call of the store', async () => {
    const { store, state } = countingStore()
    running = await startAuthorizationServer({ store, followInterval: 3_600_000 })
    const { tokenEndpoint, client } = running
    const before = state.calls
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => postToken(tokenEndpoint, { basic: client })),
      )
      expect(answers.every(({ status }) => status === 200)).toBe(true)
    }
    expect(running.events.filter(({ type }) => type === 'token.issued')).toHaveLength(500)
    expect(state.calls - before).toBe(0)
  })

  it('sees a change made elsewhere within a second, by itself, where the store tells nothing', async () => {
    const inner = memoryStore()
    const { watch: _, ...registry } = inner.registry
    const store = { ...inner, registry }
    running = await startAuthorizationServer({ store, followInterval: 1000 })
    const { tokenEndpoint, client, masterKeys } = running
    expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(200)
    const elsewhere = createAdministration({ store, masterKeys })
    await elsewhere.disableClient(client.clientId)
    await vi.waitFor(
      async () => {
        expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(401)
      },
      { timeout: 1500, interval: 50 },
    )
  })

  it('sees a change at once where the store tells of it, however seldom it asks', async () => {
    const store = memoryStore()
    running = await startAuthorizationServer({ store, followInterval: 3_600_000 })
    const { tokenEndpoint, client, masterKeys } = running
    expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(200)
    const elsewhere = createAdministration({ store, masterKeys })
    await elsewhere.disableClient(client.clientId)
    await vi.waitFor(async () => {
      expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(401)
    })
  })

  it('says when the store is back after it failed at the start', async () => {
    const { store, state } = countingStore()
    const events: ServerEvent[] = []
    const server = createAuthorizationServer({
      issuer: 'http://localhost',
      store,
      masterKeys: [generateMasterKey()],
      onEvent: (event) => events.push(event),
    })
    state.failing = true
    await expect(server.ready()).rejects.toMatchObject({ code: 'ERR_STORE' })
    state.failing = false
    await server.ready()
    const types = events.map(({ type }) => type)
    expect(types).toEqual(['snapshot.failed', 'snapshot.recovered', 'signing_key.created'])
    await server.close()
  })

  it('comes up where the replay store cannot be relied on, says so, and offers nothing of it', async () => {
    const inner = memoryStore()
    const store = { ...inner, replay: { ...inner.replay, reserve: async () => true } }
    running = await startAuthorizationServer({ store })
    expect(running.server.replayProven).toBe(false)
    expect(running.events).toContainEqual(
      expect.objectContaining({
        type: 'replay_store.unproven',
        error: expect.objectContaining({ code: 'ERR_REPLAY_STORE' }),
      }),
    )
    const { tokenEndpoint, client } = running
    expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(200)
  })

  it('has its replay store proven once it is ready', async () => {
    running = await startAuthorizationServer()
    expect(running.server.replayProven).toBe(true)
  })

  it('goes on issuing while the store fails, says so, and says when it is back', async () => {
    const { store, state } = countingStore()
    running = await startAuthorizationServer({ store, followInterval: 10 })
    const { tokenEndpoint, client, events } = running
    state.failing = true
    await vi.waitFor(() => expect(events.at(-1)?.type).toBe('snapshot.failed'))
    expect(events.at(-1)).toMatchObject({ lastReadAt: expect.any(Number) })
    expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(200)
    state.failing = false
    await vi.waitFor(() =>
      expect(events.some(({ type }) => type === 'snapshot.recovered')).toBe(true),
    )
  })

  it('answers 503 while the store was never read, and serves once it can be', async () => {
    const { store, state } = countingStore()
    const masterKeys = [generateMasterKey()]
    const events: ServerEvent[] = []
    const server = createAuthorizationServer({
      issuer: 'http://localhost',
      store,
      masterKeys,
      onEvent: (event) => events.push(event),
    })
    state.failing = true
    await expect(server.ready()).rejects.toMatchObject({ code: 'ERR_STORE' })
    const refused = await server.fetch(new Request('http://localhost/jwks'))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    const failed = events.find(({ type }) => type === 'request.failed')
    expect(await refused.json()).toEqual({
      error: 'temporarily_unavailable',
      correlation_id: failed?.type === 'request.failed' ? failed.correlationId : 'none',
    })
    state.failing = false
    expect((await server.fetch(new Request('http://localhost/jwks'))).status).toBe(200)
    await server.close()
  })

  it('reads everything again when the store was put back to an earlier state', async () => {
    let { registry: current } = memoryStore()
    const registry: RegistryStore = {
      changesSince: (revision) => current.changesSince(revision),
      apply: (changes) => current.apply(changes),
      forgetRevocations: (at) => current.forgetRevocations(at),
      close: () => current.close(),
    }
    const store = { ...memoryStore(), registry }
    running = await startAuthorizationServer({ store, followInterval: 3_600_000 })
    const { tokenEndpoint, client, server } = running
    const backup = await current.changesSince(0)
    current = memoryStore().registry
    await current.apply(
      backup.records
        .filter(({ kind }) => kind === 'signing_key')
        .map((one) => ({ ...one, require: 'none' })),
    )
    await server.refresh()
    expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(401)
  })

  it('stops following when it is closed, and answers 503 from then on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, state } = countingStore()
    running = await startAuthorizationServer({ store, followInterval: 1000 })
    const { server } = running
    const started = state.calls
    await vi.advanceTimersByTimeAsync(1000)
    expect(state.calls).toBeGreaterThan(started)
    await server.close()
    const calls = state.calls
    await vi.advanceTimersByTimeAsync(60_000)
    expect(state.calls).toBe(calls)
    vi.useRealTimers()
    expect((await server.fetch(new Request(`${running.issuer}/jwks`))).status).toBe(503)
    await expect(server.ready()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  it('is not hurt by a listener that throws', async () => {
    running = await startAuthorizationServer({
      onEvent() {
        throw new Error('listener')
      },
    })
    expect((await postToken(running.tokenEndpoint, { basic: running.client })).status).toBe(200)
  })

  it('is not hurt by a listener that rejects', async () => {
    let calls = 0
    const rejecting = async (): Promise<void> => {
      calls++
      throw new Error('listener')
    }
    running = await startAuthorizationServer({ onEvent: () => rejecting() as unknown as void })
    expect((await postToken(running.tokenEndpoint, { basic: running.client })).status).toBe(200)
    expect(calls).toBe(2)
  })
})
