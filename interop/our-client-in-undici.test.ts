import { Readable } from 'node:stream'
import { startListener, startLoopbackServer } from '@countersign/testkit'
import { AccessToken, reuse, type ClientEvent, type TokenSource } from '@countersign/client'
import { Agent, fetch, interceptors, Pool, type Dispatcher } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tokenInterceptor } from '@countersign/client/undici'

const REFUSED = { 'www-authenticate': 'Bearer error="invalid_token"' }

/** A source of token-1, token-2 and so on, each kept until it is refused. */
function counting(): { source: TokenSource; readonly requests: () => number } {
  let requests = 0
  const source = reuse(
    async () => new AccessToken({ value: `token-${++requests}`, obtainedAt: Date.now() }),
  )
  return { source, requests: () => requests }
}

async function api(handler: Parameters<typeof startLoopbackServer>[0]) {
  const server = await startLoopbackServer(handler)
  onTestFinished(() => server.close())
  return server
}

/** An API that refuses token-1 and takes every other token. */
const refusing = () =>
  api((request) =>
    request.headers.get('authorization') === 'Bearer token-1'
      ? new Response('no', { status: 401, headers: REFUSED })
      : new Response('yes'),
  )

function pool(origin: string, interceptor: ReturnType<typeof tokenInterceptor>) {
  const plain = new Pool(origin)
  onTestFinished(() => plain.destroy())
  return plain.compose(interceptor)
}

function agent(...composed: Dispatcher.DispatcherComposeInterceptor[]) {
  const plain = new Agent()
  onTestFinished(() => plain.destroy())
  return plain.compose(composed)
}

describe('tokenInterceptor', () => {
  it('puts the token on every request of a pool, and asks its source once', async () => {
    const server = await api(() => new Response('ok'))
    const { source, requests } = counting()
    const call = pool(server.origin, tokenInterceptor(source))
    const bodies = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const { body } = await call.request({ method: 'GET', path: `/${at}` })
        return body.text()
      }),
    )
    expect(new Set(bodies)).toEqual(new Set(['ok']))
    const sent = server.requests.map(({ headers }) => headers.get('authorization'))
    expect(new Set(sent)).toEqual(new Set(['Bearer token-1']))
    expect(requests()).toBe(1)
  })

  it.each([
    ['an object', { 'x-a': 'b' }],
    ['a flat list', ['x-a', 'b']],
    ['pairs', new Map([['x-a', 'b']])],
    ['Headers', new Headers({ 'x-a': 'b' })],
  ])('leaves headers given as %s as they are', async (_, headers) => {
    const server = await api(() => new Response('ok'))
    const call = pool(server.origin, tokenInterceptor(counting().source))
    for (let tries = 0; tries < 2; tries++) {
      const { body } = await call.request({ method: 'GET', path: '/', headers })
      await body.dump()
    }
    for (const received of server.requests) {
      expect(received.headers.get('x-a')).toBe('b')
      expect(received.headers.get('authorization')).toBe('Bearer token-1')
    }
    expect(server.requests).toHaveLength(2)
  })

  it.each([
    ['an object', { Authorization: 'Bearer mine' }],
    ['a flat list', ['AUTHORIZATION', 'Bearer mine']],
    ['pairs', new Map([['authorization', 'Bearer mine']])],
  ])('refuses a call that brings its own token in %s', async (_, headers) => {
    const server = await api(() => new Response('ok'))
    const call = pool(server.origin, tokenInterceptor(counting().source))
    await expect(call.request({ method: 'GET', path: '/', headers })).rejects.toMatchObject({
      code: 'ERR_ARGUMENT_VALUE',
    })
    expect(server.requests).toEqual([])
  })

  it('renews once for 100 requests refused at once, and all succeed', async () => {
    const server = await refusing()
    const { source, requests } = counting()
    const events: ClientEvent[] = []
    const call = pool(
      server.origin,
      tokenInterceptor(source, { onEvent: (event) => events.push(event) }),
    )
    const results = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const { statusCode, body } = await call.request({
          method: 'POST',
          path: '/',
          body: 'again',
        })
        return [statusCode, await body.text()]
      }),
    )
    expect(new Set(results.map(String))).toEqual(new Set(['200,yes']))
    expect(requests()).toBe(2)
    expect(server.requests.every(({ body }) => body === 'again')).toBe(true)
    expect(events[0]).toEqual({ type: 'token.refused', origin: server.origin })
  })

  it.each([
    ['a stream', () => Readable.from(['x'])],
    ['an async iterator', () => Readable.from(['x']).iterator() as unknown as Readable],
  ])('hands back the 401 to a call whose body was %s', async (_, body) => {
    const server = await refusing()
    const { source, requests } = counting()
    const call = pool(server.origin, tokenInterceptor(source))
    const answer = await call.request({ method: 'POST', path: '/', body: body() })
    expect([answer.statusCode, await answer.body.text()]).toEqual([401, 'no'])
    expect(requests()).toBe(1)
  })

  it.each([
    [403, 'Bearer error="invalid_token"'],
    [401, 'Bearer error="insufficient_scope"'],
    [401, 'Basic realm="elsewhere"'],
  ])('hands back %s with challenge %s as it is', async (status, challenge) => {
    const server = await api(
      () => new Response('no', { status, headers: { 'www-authenticate': challenge } }),
    )
    const { source, requests } = counting()
    const call = pool(server.origin, tokenInterceptor(source))
    const answer = await call.request({ method: 'GET', path: '/' })
    expect([answer.statusCode, await answer.body.text()]).toEqual([status, 'no'])
    expect(requests()).toBe(1)
    expect(server.requests).toHaveLength(1)
  })

  it('hands back the second refusal, and sends nothing a third time', async () => {
    const server = await api(() => new Response('never', { status: 401 }))
    const call = pool(server.origin, tokenInterceptor(counting().source))
    const answer = await call.request({ method: 'GET', path: '/' })
    expect([answer.statusCode, await answer.body.text()]).toEqual([401, 'never'])
    expect(server.requests).toHaveLength(2)
  })

  it('hands back the whole 401 when no other token can be had', async () => {
    const server = await api(() => new Response('n'.repeat(200_000), { status: 401 }))
    let asked = 0
    const source: TokenSource = async () => {
      if (++asked > 1) throw new Error('the token endpoint is down')
      return new AccessToken({ value: 'token-1', obtainedAt: 0 })
    }
    const call = pool(server.origin, tokenInterceptor(source))
    const answer = await call.request({ method: 'GET', path: '/' })
    expect(answer.statusCode).toBe(401)
    expect(await answer.body.text()).toHaveLength(200_000)
  })

  it.each([
    ['never ends', {}, 5_000_000, false],
    ['ends its connection', { connection: 'close' }, 2, true],
    ['is empty', { 'content-length': '0' }, 0, true],
  ])('sends again though the refused answer %s', async (_, headers, length, ends) => {
    let calls = 0
    const server = await startListener((request, response) => {
      request.resume()
      if (++calls > 1) {
        response.end('yes')
        return
      }
      response.writeHead(401, { ...REFUSED, ...headers })
      response.write('n'.repeat(length))
      if (ends) response.end()
    })
    onTestFinished(() => server.close())
    const call = pool(server.origin, tokenInterceptor(counting().source))
    const { statusCode, body } = await call.request({ method: 'GET', path: '/' })
    expect([statusCode, await body.text()]).toEqual([200, 'yes'])
  })

  it('lets a caller leave while it waits for a token, before and after a refusal', async () => {
    const server = await refusing()
    const first = new AccessToken({ value: 'token-1', obtainedAt: 0 })
    const never = new Promise<AccessToken>(() => {})
    for (const source of [
      () => never,
      (request?: { rejected?: AccessToken }) =>
        request?.rejected === undefined ? Promise.resolve(first) : never,
    ]) {
      const leaving = new AbortController()
      const call = pool(server.origin, tokenInterceptor(source))
      const waiting = call.request({ method: 'GET', path: '/', signal: leaving.signal })
      setTimeout(() => leaving.abort(new Error('enough')), 50)
      await expect(waiting).rejects.toThrow('enough')
    }
  })

  it.each([
    ['no token', undefined, 'ERR_NO_TOKEN'],
    ['a text', 'token-1', 'ERR_NO_TOKEN'],
    [
      'a token that has ended',
      new AccessToken({ value: 'a', obtainedAt: 0, expiresAt: 1 }),
      'ERR_NO_TOKEN',
    ],
    [
      'a token bound to a key',
      new AccessToken({ value: 'a', obtainedAt: 0, type: 'DPoP' }),
      'ERR_NO_TOKEN',
    ],
  ])('sends nothing with %s', async (_, token, code) => {
    const server = await api(() => new Response('ok'))
    const source = (async () => token) as unknown as TokenSource
    const call = pool(server.origin, tokenInterceptor(source))
    await expect(call.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ code })
    expect(server.requests).toEqual([])
  })

  it('sends nothing with a held token once that has ended', async () => {
    const server = await api(() => new Response('ok'))
    let time = 0
    const token = Promise.resolve(new AccessToken({ value: 'a', obtainedAt: 0, expiresAt: 1000 }))
    const call = pool(
      server.origin,
      tokenInterceptor(() => token, { now: () => time }),
    )
    for (time of [0, 999]) {
      await (await call.request({ method: 'GET', path: '/' })).body.dump()
    }
    time = 1000
    await expect(call.request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      code: 'ERR_NO_TOKEN',
    })
    expect(server.requests).toHaveLength(2)
  })

  it('wants origins for a dispatcher that may call any', () => {
    expect(() => agent(tokenInterceptor(counting().source))).toThrow("'origins' is required")
    expect(() => tokenInterceptor(counting().source, { origins: ['example.com'] })).toThrow(
      "'origins[0]'",
    )
  })

  it('sends no token outside its origins, over plain http, or to a proxy', async () => {
    const server = await api(() => new Response('ok'))
    const other = await api(() => new Response('ok'))
    const { source, requests } = counting()
    const dispatcher = agent(tokenInterceptor(source, { origins: [server.origin] }))
    const refused = { code: 'ERR_ORIGIN_NOT_ALLOWED' }
    await expect(
      dispatcher.request({ origin: other.origin, method: 'GET', path: '/' }),
    ).rejects.toMatchObject(refused)
    await expect(
      dispatcher.request({ origin: new URL(other.origin), method: 'GET', path: '/' }),
    ).rejects.toMatchObject(refused)
    await expect(
      dispatcher.request({ origin: server.origin, method: 'GET', path: `${other.origin}/` }),
    ).rejects.toMatchObject({ code: 'ERR_ARGUMENT_VALUE' })
    const plain = pool('http://192.0.2.1', tokenInterceptor(source))
    await expect(plain.request({ method: 'GET', path: '/' })).rejects.toMatchObject({
      code: 'ERR_INSECURE_URL',
    })
    const lying = pool(other.origin, tokenInterceptor(source, { origins: [server.origin] }))
    await expect(
      lying.request({ origin: server.origin, method: 'GET', path: '/' }),
    ).rejects.toMatchObject(refused)
    expect([requests(), other.requests.length]).toEqual([0, 0])
  })

  it('lets no redirect take the token to another origin', async () => {
    const other = await api(() => new Response('ok'))
    const server = await api((_, { path }) =>
      path === '/'
        ? Response.redirect(`${other.origin}/`, 307)
        : path === '/near'
          ? new Response(null, { status: 307, headers: { location: '/there' } })
          : new Response('there'),
    )
    const dispatcher = agent(
      tokenInterceptor(counting().source, { origins: [server.origin] }),
      interceptors.redirect({ maxRedirections: 5 }),
    )
    await expect(
      dispatcher.request({ origin: server.origin, method: 'GET', path: '/' }),
    ).rejects.toMatchObject({ code: 'ERR_ORIGIN_NOT_ALLOWED' })
    expect(other.requests).toEqual([])
    const near = await dispatcher.request({ origin: server.origin, method: 'GET', path: '/near' })
    expect(await near.body.text()).toBe('there')
    expect(server.requests.at(-1)?.headers.get('authorization')).toBe('Bearer token-1')
  })

  it('works under undici fetch, the retry interceptor and compression', async () => {
    let calls = 0
    const server = await api((request) => {
      if (request.headers.get('authorization') === 'Bearer token-1') {
        return new Response('no', { status: 401, headers: REFUSED })
      }
      return ++calls === 1 ? new Response('later', { status: 503 }) : new Response('yes')
    })
    const dispatcher = agent(
      tokenInterceptor(counting().source, { origins: [server.origin] }),
      interceptors.retry({ maxRetries: 2, minTimeout: 1 }),
    )
    const response = await fetch(`${server.origin}/`, { dispatcher })
    expect([response.status, await response.text()]).toEqual([200, 'yes'])
  })

  it('presents the token as a preset says', async () => {
    const server = await api(() => new Response('ok'))
    const token = new AccessToken({
      value: 'shpat',
      obtainedAt: 0,
      presentation: {
        header: 'X-Shopify-Access-Token',
        scheme: null,
        headers: { 'Client-Id': 'shop' },
      },
    })
    const call = pool(
      server.origin,
      tokenInterceptor(async () => token),
    )
    await (await call.request({ method: 'GET', path: '/' })).body.dump()
    expect(server.requests[0]?.headers.get('client-id')).toBe('shop')
    expect(server.requests[0]?.headers.get('x-shopify-access-token')).toBe('shpat')
    expect(server.requests[0]?.headers.has('authorization')).toBe(false)
  })
})
