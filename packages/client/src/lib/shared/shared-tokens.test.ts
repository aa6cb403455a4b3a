import { generateStoreKey } from '@countersign/protocol'
import { inspect } from 'node:util'
import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { good, server } from '../../../test/answering-endpoint.ts'
import { handStore } from '../../../test/hand-store.ts'
import { createClient, type ClientOptions } from '../create-client.ts'
import type { ClientEvent } from '../events.ts'
import type { SenderConstraint } from '../sender-constraint/sender-constraint.ts'
import { sharedTokens } from './shared-tokens.ts'

/** Clients of one server that share a store, each as in a process of its own. */
async function fleet() {
  let count = 0
  const endpoint = await server(() =>
    Response.json({ ...good, access_token: `marker-token-${++count}` }),
  )
  const clock = handClock()
  const store = handStore()
  const share = sharedTokens({ store, keys: [generateStoreKey()] })
  const process = (options: Partial<ClientOptions> = {}) =>
    createClient({
      tokenEndpoint: `${endpoint.origin}/token`,
      clientId: 'billing',
      clientSecret: 'marker-secret',
      now: clock.now,
      share,
      ...options,
    })
  return { endpoint, clock, store, process }
}

describe('sharedTokens', () => {
  it('lets eight clients that start at once make one request', async () => {
    const { endpoint, process } = await fleet()
    const clients = Array.from({ length: 8 }, () => process())
    const tokens = await Promise.all(clients.map((client) => client.getToken()))
    expect(endpoint.requests).toHaveLength(1)
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(1)
  })

  it('shares what single calls ask for, and only with calls that ask for the same', async () => {
    const { endpoint, process } = await fleet()
    await process().getToken({ audience: 'a' })
    await process().getToken()
    await process({ audience: 'a' }).getToken()
    await process().getToken({ audience: 'b' })
    await process({ audience: 'b', scope: ['x'] }).getToken()
    expect(endpoint.requests).toHaveLength(4)
  })

  it.each<[string, Partial<ClientOptions>]>([
    ['another secret', { clientSecret: 'marker-secret-2' }],
    ['another client', { clientId: 'shipping' }],
    ['another way to authenticate', { authMethod: 'client_secret_post' }],
    ['another grant', { quirks: { grantType: 'account_credentials' } }],
    ['another partition', { partition: 'tenant' }],
    ['a further parameter', { parameters: { tenant: 'a' } }],
  ])('keeps apart the tokens of %s', async (_, options) => {
    const { endpoint, process } = await fleet()
    await process().getToken()
    await process(options).getToken()
    expect(endpoint.requests).toHaveLength(2)
  })

  it('finds the second time what was obtained by each method: no token is asked for twice', async () => {
    for (const authMethod of ['client_secret_basic', 'client_secret_post'] as const) {
      const { endpoint, process } = await fleet()
      await process({ authMethod }).getToken()
      await process({ authMethod }).getToken()
      expect(endpoint.requests).toHaveLength(1)
    }
  })

  it('puts the presentation of the client to a token of the store', async () => {
    const { process } = await fleet()
    const presentation = { header: 'x-token', scheme: null }
    const quirks = { presentation }
    await process({ quirks }).getToken()
    expect(await process({ quirks }).getToken()).toMatchObject({
      value: 'marker-token-1',
      presentation,
    })
  })

  it('shares bound tokens among clients with one key, and with them alone', async () => {
    const { endpoint, process } = await fleet()
    const withKey = (name: string): SenderConstraint => ({
      tokenType: 'Bearer',
      binding: async () => name,
      headers: async () => ({}),
      learn: () => false,
    })
    const own = withKey('x5t#S256:a')
    await process({ senderConstraint: withKey('x5t#S256:a') }).getToken()
    const found = await process({ senderConstraint: own }).getToken()
    expect(endpoint.requests).toHaveLength(1)
    expect(found.senderConstraint).toBe(own)
    await process({ senderConstraint: withKey('x5t#S256:b') }).getToken()
    await process().getToken()
    expect(endpoint.requests).toHaveLength(3)
  })

  it('fails no call while a store hangs, throws or holds garbage, and shows no secret', async () => {
    const { process, store } = await fleet()
    const events: ClientEvent[] = []
    const faults = [
      () => Promise.reject(new Error('marker-secret')),
      () => new Promise<void>(() => {}),
    ]
    for (const fault of faults) {
      store.before = { get: fault, lease: fault, replaceIfNewer: fault }
      const share = sharedTokens({ store, keys: [generateStoreKey()], timeout: 20 })
      await process({ share, onEvent: (event) => events.push(event) }).getToken()
    }
    expect(events.filter(({ type }) => type === 'store.failed')).toHaveLength(2)
    const seen = inspect([events, [...store.entries]], { depth: 10, showHidden: true })
    expect(seen).not.toContain('marker')
    expect(JSON.stringify(events)).not.toContain('marker')
  })

  it('fails as the source does where the secret cannot be read', async () => {
    const { process, endpoint } = await fleet()
    const clientSecret = (): string => ''
    await expect(process({ clientSecret }).getToken()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
    })
    expect(endpoint.requests).toHaveLength(0)
  })
})
