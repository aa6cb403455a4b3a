import {
  authorizedFetch,
  clientCredentials,
  createClient,
  reuse,
  type TokenSource,
} from '@countersign/client'
import { createGuard, type GuardEvent } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { afterEach, describe, expect, it } from 'vitest'
import {
  handClock,
  startAuthorizationServer,
  startListener,
  startLoopbackServer,
} from '../src/index.ts'

const API = 'https://api.example.test/orders'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})
function kept<T extends AsyncDisposable>(one: T): T {
  open.push(one)
  return one
}

/** An authorization server and an API it guards, each on its own socket. */
async function flow(options: Parameters<typeof startAuthorizationServer>[0] = {}) {
  const server = kept(await startAuthorizationServer(options))
  const events: GuardEvent[] = []
  const guard = createGuard({
    issuer: server.issuer,
    audience: API,
    onEvent: (event) => events.push(event),
    ...(options.now !== undefined && { now: options.now }),
  })
  const orders = guarded(guard, { scope: { all: ['orders:read'] } }, (_request, { principal }) =>
    Response.json({ for: principal.clientId }),
  )
  const refused = new Set<string | null>()
  const api = kept(
    await startLoopbackServer((request) =>
      refused.has(request.headers.get('authorization'))
        ? new Response(null, {
            status: 401,
            headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
          })
        : orders(request),
    ),
  )
  const credentials = {
    issuer: server.issuer,
    ...server.client,
    scope: ['orders:read'],
    resource: API,
  }
  return { server, api, refused, credentials, guardEvents: events }
}

describe('the whole flow, over real sockets', () => {
  it('obtains a token, calls the guarded API with it and is answered', async () => {
    const { api, credentials } = await flow()
    const response = await createClient(credentials).fetch(`${api.origin}/orders`)
    expect(await response.json()).toEqual({ for: 'billing' })
  })

  it('costs the server one token request for 10,000 callers at once, cold and after expiry', async () => {
    const clock = handClock(Date.now())
    const { server, credentials } = await flow({ now: clock.now })
    const { getToken } = createClient({ ...credentials, now: clock.now })
    const cold = await Promise.all(Array.from({ length: 10_000 }, () => getToken()))
    expect(new Set(cold).size).toBe(1)
    expect(server.tokenRequests).toBe(1)
    clock.advance(3_600_001)
    const later = await Promise.all(Array.from({ length: 10_000 }, () => getToken()))
    expect(new Set(later).size).toBe(1)
    expect(later[0]?.value).not.toBe(cold[0]?.value)
    expect(server.tokenRequests).toBe(2)
  })

  it('costs one renewal for 1,000 calls whose token was refused, and all succeed', async () => {
    const { server, api, refused, credentials } = await flow()
    const { getToken, fetch } = createClient(credentials)
    refused.add(`Bearer ${(await getToken()).value}`)
    const statuses = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const response = await fetch(`${api.origin}/orders`)
        await response.arrayBuffer()
        return response.status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(server.tokenRequests).toBe(2)
  })

  it('keeps traffic going across renewals of a two-second token: no call fails, none waits but the first', async () => {
    const { server, api, credentials } = await flow({
      resources: [{ resource: API, scopes: ['orders:read'], tokenLifetimeSeconds: 2 }],
    })
    // The way to the token endpoint takes a while, so that a call that waited for it would be seen.
    const source = reuse(
      clientCredentials({
        ...credentials,
        async fetch(input, init) {
          await new Promise((resolve) => setTimeout(resolve, 60))
          return fetch(input, init)
        },
      }),
    )
    let waited = 0
    const watched: TokenSource = async (request) => {
      let settled = false
      const token = source(request).finally(() => (settled = true))
      // One turn of the event loop is enough for a promise that waits for nothing.
      await new Promise((resolve) => setImmediate(resolve))
      if (!settled) waited++
      return token
    }
    const call = authorizedFetch(watched)
    const end = Date.now() + 5000
    const statuses = new Map<number, number>()
    const lane = async () => {
      while (Date.now() < end) {
        const response = await call(`${api.origin}/orders`)
        await response.arrayBuffer()
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      }
    }
    await call(`${api.origin}/orders`)
    expect(waited).toBe(1)
    await Promise.all([lane(), lane(), lane(), lane()])
    expect([...statuses.keys()]).toEqual([200])
    expect(statuses.get(200)).toBeGreaterThan(100)
    expect(server.tokenRequests).toBeGreaterThanOrEqual(4)
    expect(waited).toBe(1)
  })

  it('rides out an authorization server that is gone, and takes up the next one', async () => {
    const clock = handClock(Date.now())
    const first = await flow({ now: clock.now })
    const { fetch } = createClient({ ...first.credentials, now: clock.now })
    expect((await fetch(`${first.api.origin}/orders`)).status).toBe(200)
    await first.server.close()
    clock.advance(3_000_000)
    for (let i = 0; i < 20; i++)
      expect((await fetch(`${first.api.origin}/orders`)).status).toBe(200)
    const { store, masterKeys, origin } = first.server
    const port = Number(new URL(origin).port)
    kept(await startAuthorizationServer({ store, masterKeys, port, now: clock.now }))
    clock.advance(595_000)
    expect((await fetch(`${first.api.origin}/orders`)).status).toBe(200)
  })

  it('answers 503, not 401, when the issuer cannot be reached by a guard that has no keys yet', async () => {
    const { server, api, credentials } = await flow()
    const { fetch, getToken } = createClient(credentials)
    await getToken()
    await server.close()
    const response = await fetch(`${api.origin}/orders`)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(response.headers.has('www-authenticate')).toBe(false)
  })

  it('tells a client that speaks to something that is no authorization server', async () => {
    const page = kept(await startListener((_request, response) => response.end('<html>Welcome')))
    const client = createClient({
      issuer: page.origin,
      clientId: 'billing',
      clientSecret: 's3cret',
    })
    await expect(client.getToken()).rejects.toMatchObject({ code: 'ERR_METADATA_INVALID' })
  })
})
