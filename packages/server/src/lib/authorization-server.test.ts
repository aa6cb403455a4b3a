import { describe, expect, it } from 'vitest'
import { ArgumentError } from '@countersign/protocol'
import { memoryStore } from '@countersign/testkit'
import { createAuthorizationServer } from './authorization-server.ts'
import type { ServerStore } from './stores/server-store.ts'
import { generateMasterKey } from './secrets/master-key.ts'

const masterKeys = [generateMasterKey()]

describe('createAuthorizationServer', () => {
  it('refuses wrong options at once, before any call of the store', () => {
    let calls = 0
    const count = (): never => {
      calls++
      throw new Error('called')
    }
    const registry = { changesSince: count, apply: count, forgetRevocations: count, close: count }
    const store: ServerStore = { ...memoryStore(), registry, close: count }
    const good = { issuer: 'https://as.example.test', store, masterKeys }
    const rows = [
      [undefined, 'options are required'],
      [{ ...good, issuer: undefined }, "'issuer'"],
      [{ ...good, issuer: 'http://as.example.test' }, 'https'],
      [{ ...good, issuer: 'https://as.example.test?x' }, 'no query'],
      [{ ...good, store: undefined }, "'store'"],
      [{ ...good, store: {} }, "'store'"],
      [{ ...good, masterKeys: [] }, "'masterKeys'"],
      [{ ...good, now: 0 }, "'now'"],
      [{ ...good, followInterval: 0 }, "'followInterval'"],
      [{ ...good, onEvent: 'log' }, "'onEvent'"],
      [{ ...good, onEvents: () => {} }, "did you mean 'onEvent'?"],
    ] as const
    for (const [options, message] of rows) {
      expect(() => createAuthorizationServer(options as never)).toThrow(ArgumentError)
      expect(() => createAuthorizationServer(options as never)).toThrow(message)
    }
    createAuthorizationServer(good)
    expect(calls).toBe(0)
  })

  it('reads nothing before it is asked, and becomes ready by being asked', async () => {
    const store = memoryStore()
    const issuer = 'https://as.example.test/'
    await using server = createAuthorizationServer({ issuer, store, masterKeys })
    expect((await store.registry.changesSince(0)).revision).toBe(0)
    const response = await server.fetch(new Request('https://as.example.test/jwks'))
    expect(response.status).toBe(200)
    expect((await store.registry.changesSince(0)).records).toHaveLength(1)
  })

  it('keeps the issuer letter by letter and drops its last slash in endpoints', async () => {
    const issuer = 'https://as.example.test/t/'
    const store = memoryStore()
    await using server = createAuthorizationServer({ issuer, store, masterKeys })
    const url = 'https://as.example.test/.well-known/oauth-authorization-server/t'
    const response = await server.fetch(new Request(url))
    expect(await response.json()).toMatchObject({
      issuer,
      token_endpoint: 'https://as.example.test/t/token',
      jwks_uri: 'https://as.example.test/t/jwks',
    })
  })

  it('answers a fault of its own with 500, in JSON, without a word about it', async () => {
    const failures: unknown[] = []
    let broken = false
    await using server = createAuthorizationServer({
      issuer: 'https://as.example.test',
      store: memoryStore(),
      masterKeys,
      now() {
        if (!broken) return Date.now()
        broken = false
        throw new Error('the clock is gone')
      },
      onEvent: (event) => void (event.type === 'request.failed' && failures.push(event.error)),
    })
    await server.ready()
    broken = true
    const response = await server.fetch(new Request('https://as.example.test/jwks'))
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      error: 'server_error',
      correlation_id: expect.stringMatching(/^[\da-f-]{36}$/),
    })
    expect(failures).toMatchObject([{ message: 'the clock is gone' }])
  })

  it('makes one signing key though it is asked by many at once', async () => {
    const store = memoryStore()
    const options = { issuer: 'https://as.example.test', store, masterKeys }
    const servers = [createAuthorizationServer(options), createAuthorizationServer(options)]
    await Promise.all(servers.flatMap((one) => [one.ready(), one.ready()]))
    expect((await store.registry.changesSince(0)).records).toHaveLength(1)
    for (const one of servers) await one.close()
  })
})
