import { handClock, startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { AccessToken } from './access-token.ts'
import { createClient, type Client } from './create-client.ts'
import type { TokenSource } from './token-source.ts'

let server: LoopbackServer
let tokens = 0
beforeAll(async () => {
  server = await startLoopbackServer((request) =>
    new URL(request.url).pathname === '/token'
      ? Response.json({ access_token: `at-${++tokens}`, token_type: 'Bearer', expires_in: 3600 })
      : new Response(request.headers.get('authorization')),
  )
})
afterAll(() => server.close())

function options() {
  return { tokenEndpoint: `${server.origin}/token`, clientId: 'billing', clientSecret: 's3cret' }
}

describe('createClient', () => {
  it('sends nothing before the first call, then keeps its token', async () => {
    const { fetch, getToken } = createClient(options())
    const before = server.requests.length
    const [first, second] = await Promise.all([fetch(`${server.origin}/api`), getToken()])
    expect(await first.text()).toBe(`Bearer ${second.value}`)
    await getToken()
    expect(server.requests.slice(before).filter(({ path }) => path === '/token')).toHaveLength(1)
  })

  it('obeys `origins`', async () => {
    const { fetch } = createClient({ ...options(), origins: ['https://api.example'] })
    await expect(fetch(server.origin)).rejects.toMatchObject({ code: 'ERR_ORIGIN_NOT_ALLOWED' })
  })

  it('ends requests under way when it is closed, and asks for no more', async () => {
    const hanging = createClient({ ...options(), fetch: () => new Promise(() => {}) })
    const waiting = hanging.getToken()
    await hanging.close()
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    const client = createClient(options())
    await client.getToken()
    await client[Symbol.asyncDispose]()
    await expect(client.getToken()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await expect(client.fetch(server.origin)).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    expect(client.peek()).toBeUndefined()
  })

  it('hands out no token that ended on its way', async () => {
    const clock = handClock()
    let slow = 1
    await using lagging = await startLoopbackServer(() => {
      if (slow-- > 0) clock.advance(2000)
      return Response.json({ access_token: `at-${slow}`, token_type: 'Bearer', expires_in: 2 })
    })
    const client = createClient({
      tokenEndpoint: lagging.origin,
      clientId: 'billing',
      clientSecret: 's3cret',
      now: clock.now,
    })
    const token = await client.getToken()
    expect(token.expiresAt).toBeGreaterThan(clock.now())
    expect(lagging.requests).toHaveLength(2)
    slow = Infinity
    clock.advance(2000)
    await expect(client.getToken()).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
    expect(lagging.requests).toHaveLength(4)
  })

  it('does not wait between two tries once it is closed', async () => {
    let asked: (() => void) | undefined
    const first = new Promise<void>((resolve) => (asked = resolve))
    const client = createClient({
      ...options(),
      fetch: async () => {
        asked?.()
        return new Response('', { status: 503, headers: { 'retry-after': '5' } })
      },
    })
    const waiting = client.getToken()
    await first
    await new Promise<void>((resolve) => setImmediate(resolve))
    const closedAt = performance.now()
    await client.close()
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    expect(performance.now() - closedAt).toBeLessThan(2500)
  })

  it('names itself and the option when an option is wrong, before any I/O', () => {
    const before = server.requests.length
    expect(() => createClient({ ...options(), origin: [] } as never)).toThrow(
      "createClient: unknown option 'origin'; did you mean 'origins'?",
    )
    expect(() => createClient({ ...options(), authMethod: 'basic' } as never)).toThrow(
      /createClient: 'authMethod'/,
    )
    expect(server.requests).toHaveLength(before)
  })

  it('has types that say what they are', () => {
    expectTypeOf<Client['getToken']>().returns.resolves.toEqualTypeOf<AccessToken>()
    expectTypeOf<Client['source']>().toEqualTypeOf<TokenSource>()
    expectTypeOf<Client['fetch']>().toExtend<typeof fetch>()
    expectTypeOf(createClient).parameter(0).not.toBeAny()
  })
})
