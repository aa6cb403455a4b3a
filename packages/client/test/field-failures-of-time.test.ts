import { handClock } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient, type ClientEvent, type ClientOptions } from '../src/index.ts'
import { client, good, listener, server } from './answering-endpoint.ts'

// What users of other clients reported about waiting and about time, end to end through `createClient`.

const HOUR = 3_600_000

/** A client of an endpoint that numbers its tokens, by a clock turned by hand. */
async function numbered(members: object = {}, options: Partial<ClientOptions> = {}) {
  let count = 0
  const endpoint = await server(() =>
    Response.json({ ...good, access_token: `at-${++count}`, ...members }),
  )
  const clock = handClock(1_790_000_000_000)
  const auth = createClient({
    ...client,
    tokenEndpoint: endpoint.origin,
    now: clock.now,
    ...options,
  })
  return { endpoint, clock, auth }
}

/** A token endpoint that gives one token of an hour and never answers again, and its client. */
async function hangingLater() {
  let asked = 0
  const endpoint = await listener((_, response) => {
    if (++asked === 1) response.end(JSON.stringify({ ...good, expires_in: 3600 }))
  })
  const clock = handClock(1_790_000_000_000)
  const events: ClientEvent[] = []
  const auth = createClient({
    ...client,
    tokenEndpoint: endpoint.origin,
    now: clock.now,
    timeout: 200,
    onEvent: (event) => events.push(event),
  })
  await auth.getToken()
  return { auth, clock, asked: () => asked, events }
}

describe('what users of other clients reported about waiting', () => {
  it('500 first calls at once make one token request, and all succeed', async () => {
    const { endpoint, auth } = await numbered()
    const api = await server(({ headers }) => new Response(headers.get('authorization')))
    const calls = Array.from({ length: 500 }, async () => (await auth.fetch(api.origin)).text())
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['Bearer at-1']))
    expect(endpoint.requests).toHaveLength(1)
    expect(api.requests).toHaveLength(500)
  })

  it('a token endpoint that hangs holds no caller past its own signal', async () => {
    const endpoint = await listener(() => {})
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin, timeout: 60_000 })
    const leaving = new AbortController()
    const patient = auth.getToken().catch((error: unknown) => error)
    const waiting = auth.getToken({ signal: leaving.signal })
    leaving.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await auth.close()
    expect(await patient).toMatchObject({ code: 'ERR_CLOSED' })
  })

  it('a token endpoint that hangs ends by the timeout for all who wait, in one request', async () => {
    let asked = 0
    const endpoint = await listener(() => void asked++)
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin, timeout: 50 })
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => auth.getToken()))
    const codes = all.map(
      (one) => one.status === 'rejected' && (one.reason as Error & { code: string }).code,
    )
    expect(new Set(codes)).toEqual(new Set(['ERR_TIMEOUT']))
    expect(asked).toBeLessThanOrEqual(3)
  })

  it('a renewal that hangs holds no call: the held token is handed out at once', async () => {
    const { auth, clock, asked } = await hangingLater()
    clock.advance(0.95 * HOUR)
    const tokens = await Promise.all(Array.from({ length: 100 }, () => auth.getToken()))
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['at-1']))
    expect(asked()).toBeLessThanOrEqual(2)
    await auth.close()
  })

  it('a renewal that fails while nobody waits ends no process, and is told as an event', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown): number => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    onTestFinished(() => void process.off('unhandledRejection', listen))
    for (const heard of [true, false]) {
      let up = true
      const { promise: failed, resolve } = Promise.withResolvers<void>()
      const endpoint = await server(() =>
        up ? Response.json({ ...good, expires_in: 3600 }) : new Response('', { status: 503 }),
      )
      const clock = handClock(1_790_000_000_000)
      const events: ClientEvent[] = []
      const onEvent = (event: ClientEvent): void => {
        events.push(event)
        if (event.type === 'token.failed') resolve()
      }
      const auth = createClient({
        ...client,
        tokenEndpoint: endpoint.origin,
        now: clock.now,
        ...(heard && { onEvent }),
      })
      await auth.getToken()
      up = false
      clock.advance(0.95 * HOUR)
      expect((await auth.getToken()).value).toBe('at-1')
      if (heard) await failed
      const [told] = events.filter(({ type }) => type === 'token.failed')
      expect(told).toEqual(heard ? expect.objectContaining({ background: true }) : undefined)
      await auth.close()
      expect((await fetch(endpoint.origin)).status).toBe(503)
    }
    expect(unhandled).toEqual([])
  })

  it('a token that has ended is not sent while no other can be had: the call fails, typed', async () => {
    let up = true
    const endpoint = await server(() =>
      up ? Response.json({ ...good, expires_in: 60 }) : new Response('', { status: 503 }),
    )
    const api = await server(() => new Response('ok'))
    const clock = handClock(1_790_000_000_000)
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin, now: clock.now })
    expect((await auth.fetch(api.origin)).status).toBe(200)
    up = false
    clock.advance(60_000)
    await expect(auth.fetch(api.origin)).rejects.toMatchObject({
      code: 'ERR_RESPONSE_STATUS',
      retryable: true,
    })
    expect(api.requests).toHaveLength(1)
  })
})

describe('what users of other clients reported about time', () => {
  it.each([1, 30, 59, 60, 61])(
    'a token of %d s serves half of its life, and none after it',
    async (life) => {
      const { endpoint, clock, auth } = await numbered({ expires_in: life })
      await auth.getToken()
      clock.advance((life * 1000) / 2 - 1)
      expect((await auth.getToken()).value).toBe('at-1')
      expect(endpoint.requests).toHaveLength(1)
      clock.advance((life * 1000) / 2 + 1)
      expect((await auth.getToken()).value).not.toBe('at-1')
    },
  )

  it('a life of 10^10 seconds makes no second request, and no timer that fires at once', async () => {
    const { endpoint, auth } = await numbered({ expires_in: 1e10 })
    for (let calls = 0; calls < 100; calls++) await auth.getToken()
    expect(endpoint.requests).toHaveLength(1)
    expect(auth.status().tokenRequests).toBe(1)
  })

  it('a process that slept for eight hours asks anew, once, for all its calls', async () => {
    const { endpoint, clock, auth } = await numbered()
    await auth.getToken()
    clock.advance(8 * HOUR)
    const tokens = await Promise.all(Array.from({ length: 20 }, () => auth.getToken()))
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['at-2']))
    expect(endpoint.requests).toHaveLength(2)
  })

  it('a token is a text to the client: what its inside says of its end is not read', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const inside = `${part({ alg: 'ES256' })}.${part({ exp: 1 })}.AAAA`
    for (const access_token of [inside, 'a.b', '"quoted"~', 'x'.repeat(8000)]) {
      const { endpoint, clock, auth } = await numbered({ access_token, expires_in: undefined })
      const { value, obtainedAt, expiresAt } = await auth.getToken()
      expect(value).toBe(access_token)
      expect((expiresAt ?? 0) - obtainedAt).toBe(HOUR)
      clock.advance(HOUR / 4)
      await auth.getToken()
      expect(endpoint.requests).toHaveLength(1)
    }
  })

  it('a life that is not told is what the caller says it is', async () => {
    const { clock, auth } = await numbered({ expires_in: undefined }, { defaultLifetime: 300_000 })
    await auth.getToken()
    clock.advance(300_000)
    expect((await auth.getToken()).value).toBe('at-2')
  })
})
