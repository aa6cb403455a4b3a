import { describe, expect, it } from 'vitest'
import { listener, server } from '../../../test/answering-endpoint.ts'
import { AccessToken } from '../access-token.ts'
import type { ClientEvent } from '../events.ts'
import { reuse } from '../reuse/reuse.ts'
import type { TokenSource } from '../token-source.ts'
import { authorizedFetch } from './authorized-fetch.ts'

function counting(): { source: TokenSource; readonly requests: () => number } {
  let requests = 0
  const source = reuse(
    async () => new AccessToken({ value: `token-${++requests}`, obtainedAt: Date.now() }),
  )
  return { source, requests: () => requests }
}

/** An API that refuses `token-1` with this challenge and takes every other token. */
function refusing(challenge: string | undefined, status = 401) {
  return server((request) =>
    request.headers.get('authorization') === 'Bearer token-1'
      ? new Response('no', {
          status,
          headers: challenge === undefined ? {} : { 'www-authenticate': challenge },
        })
      : new Response('yes'),
  )
}

describe('authorizedFetch', () => {
  it('sends the token in the Authorization header and nowhere else [std:28]', async () => {
    const api = await server(() => new Response('ok'))
    const call = authorizedFetch(counting().source)
    const response = await call(`${api.origin}/orders?x=1`, {
      method: 'POST',
      body: 'hello',
      headers: { 'x-a': 'b' },
    })
    expect(await response.text()).toBe('ok')
    const [received] = api.requests
    expect(received?.headers.get('authorization')).toBe('Bearer token-1')
    expect(received?.headers.get('x-a')).toBe('b')
    expect(received?.path).toBe('/orders?x=1')
    expect(received?.body).toBe('hello')
  })

  it('sends headers that can be read only once, with each of its requests', async () => {
    const api = await refusing('Bearer error="invalid_token"')
    const once = [['x-a', 'b'] as const, ['x-c', 'd'] as const].values()
    const response = await authorizedFetch(counting().source)(api.origin, {
      headers: once as unknown as HeadersInit,
    })
    expect(response.status).toBe(200)
    expect(
      api.requests.map(({ headers }) => [headers.get('x-a'), headers.get('x-c')].join()),
    ).toEqual(['b,d', 'b,d'])
  })

  it('takes a URL and a Request as fetch does', async () => {
    const api = await server((request) => new Response(request.method + request.headers.get('x-a')))
    const call = authorizedFetch(counting().source)
    expect(await (await call(new URL(api.origin))).text()).toBe('GETnull')
    const request = new Request(api.origin, { method: 'PUT', body: 'x', headers: { 'x-a': 'b' } })
    expect(await (await call(request)).text()).toBe('PUTb')
    expect(
      api.requests.every(({ headers }) => headers.get('authorization') === 'Bearer token-1'),
    ).toBe(true)
  })

  it.each([
    ['Bearer error="invalid_token"'],
    ['Bearer realm="x", error="invalid_token", Basic realm="y"'],
    ['Basic realm="y", Bearer realm="a, \\"b\\"", error=invalid_token'],
    ['Bearer realm="x"'],
    ['bearer'],
    [undefined],
  ])('renews and sends once more after a 401 with challenge %s [std:53]', async (challenge) => {
    const api = await refusing(challenge)
    const { source, requests } = counting()
    const response = await authorizedFetch(source)(api.origin, { method: 'POST', body: 'again' })
    expect(await response.text()).toBe('yes')
    expect(requests()).toBe(2)
    expect(api.requests.map(({ body }) => body)).toEqual(['again', 'again'])
  })

  it.each([
    [401, 'Bearer error="insufficient_scope"'],
    [401, 'Bearer error="invalid_request"'],
    [401, 'Basic realm="elsewhere"'],
    [401, 'Negotiate abc=='],
    [401, 'not, "a challenge'],
    [403, 'Bearer error="invalid_token"'],
    [403, undefined],
  ])('hands back %s with challenge %s as it is [std:54]', async (status, challenge) => {
    const api = await refusing(challenge, status)
    const { source, requests } = counting()
    const response = await authorizedFetch(source)(api.origin)
    expect(response.status).toBe(status)
    expect(await response.text()).toBe('no')
    expect(requests()).toBe(1)
    expect(api.requests).toHaveLength(1)
  })

  it('makes one renewal for 1,000 calls whose token was refused, and all succeed', async () => {
    const api = await refusing('Bearer error="invalid_token"')
    const { source, requests } = counting()
    const call = authorizedFetch(source)
    const statuses = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const response = await call(api.origin)
        await response.text()
        return response.status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(requests()).toBe(2)
  })

  it('sends once more at most, and hands back the second refusal', async () => {
    const api = await server(() => new Response('never', { status: 401 }))
    const { source, requests } = counting()
    const response = await authorizedFetch(source)(api.origin)
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('never')
    expect(api.requests).toHaveLength(2)
    expect(requests()).toBe(2)
  })

  it('stops renewing at an API that refuses every token', async () => {
    const api = await server(() => new Response('never', { status: 401 }))
    const { source, requests } = counting()
    const call = authorizedFetch(source)
    for (let i = 0; i < 20; i++) expect((await call(api.origin)).status).toBe(401)
    expect(requests()).toBe(4)
  })

  it('hands back the 401 when no other token can be had', async () => {
    const api = await refusing('Bearer error="invalid_token"')
    let asked = 0
    const source: TokenSource = async () => {
      if (++asked > 1) throw new Error('token endpoint is down')
      return new AccessToken({ value: 'token-1', obtainedAt: 0 })
    }
    const events: ClientEvent[] = []
    const response = await authorizedFetch(source, { onEvent: (event) => events.push(event) })(
      api.origin,
    )
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('no')
    expect(events).toEqual([{ type: 'token.refused', origin: api.origin }])
  })

  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array([120])
  }
  const form = new FormData()
  form.set('a', 'b')
  it.each<[string, () => RequestInit, boolean]>([
    ['a string', () => ({ body: 'x' }), true],
    ['bytes', () => ({ body: new Uint8Array([120]) }), true],
    ['a buffer', () => ({ body: new Uint8Array([120]).buffer }), true],
    ['a form', () => ({ body: form }), true],
    ['parameters', () => ({ body: new URLSearchParams({ a: 'b' }) }), true],
    ['a blob', () => ({ body: new Blob(['x']) }), true],
    ['a stream', () => ({ body: new Blob(['x']).stream(), duplex: 'half' }), false],
    [
      'an async iterator',
      () => ({ body: pieces() as unknown as ReadableStream, duplex: 'half' }),
      false,
    ],
  ])('sends %s again: %s', async (_, init, again) => {
    const api = await refusing('Bearer error="invalid_token"')
    const response = await authorizedFetch(counting().source)(api.origin, {
      method: 'POST',
      ...init(),
    })
    expect(response.status).toBe(again ? 200 : 401)
    expect(api.requests).toHaveLength(again ? 2 : 1)
  })

  it('sends nothing for a Request whose body was read already', async () => {
    const api = await refusing('Bearer error="invalid_token"')
    const request = new Request(api.origin, { method: 'POST', body: 'x' })
    await request.text()
    await expect(authorizedFetch(counting().source)(request)).rejects.toBeInstanceOf(TypeError)
    expect(api.requests).toEqual([])
  })

  it('does not copy the body of a Request for a second try', async () => {
    const api = await refusing('Bearer error="invalid_token"')
    const request = new Request(api.origin, { method: 'POST', body: 'x' })
    expect((await authorizedFetch(counting().source)(request)).status).toBe(401)
    const bodiless = await authorizedFetch(counting().source)(new Request(api.origin))
    expect(bodiless.status).toBe(200)
  })

  it.each([
    ['http://api.example.com/'],
    ['http://10.0.0.1/'],
    ['ftp://127.0.0.1/'],
    ['http://127.0.0.1.example.com/'],
  ])('does not send a token to %s [std:29]', async (url) => {
    const sent: unknown[] = []
    const { source, requests } = counting()
    const call = authorizedFetch(source, {
      fetch: async (input) => {
        sent.push(input)
        return new Response()
      },
    })
    await expect(call(url)).rejects.toMatchObject({ code: 'ERR_INSECURE_URL' })
    expect(sent).toEqual([])
    expect(requests()).toBe(0)
  })

  it('does not send a call outside the allowed origins', async () => {
    const api = await server(() => new Response('ok'))
    const other = await server(() => new Response('ok'))
    const call = authorizedFetch(counting().source, { origins: [api.origin] })
    expect((await call(`${api.origin}/a`)).status).toBe(200)
    await expect(call(`${other.origin}/a`)).rejects.toMatchObject({
      code: 'ERR_ORIGIN_NOT_ALLOWED',
    })
    expect(other.requests).toEqual([])
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a string', 'token'],
    ['an empty value', new AccessToken({ value: '', obtainedAt: 0 })],
    ['a value that would split the header', new AccessToken({ value: 'a\r\nx: y', obtainedAt: 0 })],
    ['a token that has ended', new AccessToken({ value: 'a', obtainedAt: 0, expiresAt: 1 })],
    ['a token of another type', new AccessToken({ value: 'a', type: 'DPoP', obtainedAt: 0 })],
  ])('sends nothing when the source gives %s', async (_, given) => {
    const api = await server(() => new Response('ok'))
    const call = authorizedFetch((async () => given) as never)
    await expect(call(api.origin)).rejects.toMatchObject({ code: 'ERR_NO_TOKEN', phase: 'attach' })
    expect(api.requests).toEqual([])
  })

  it('sends nothing when no token can be had', async () => {
    const api = await server(() => new Response('ok'))
    const call = authorizedFetch(async () => {
      throw new Error('down')
    })
    await expect(call(api.origin)).rejects.toThrow('down')
    expect(api.requests).toEqual([])
  })

  it.each([301, 302, 303, 307, 308])(
    'follows a %s within the origin, with the token',
    async (status) => {
      const api = await server((request) =>
        new URL(request.url).pathname === '/old'
          ? new Response(null, { status, headers: { location: '/new' } })
          : new Response(request.method),
      )
      const response = await authorizedFetch(counting().source)(`${api.origin}/old`, {
        method: 'POST',
        body: 'x',
      })
      expect(await response.text()).toBe(status >= 307 ? 'POST' : 'GET')
      expect(api.requests[1]?.headers.get('authorization')).toBe('Bearer token-1')
      expect(api.requests[1]?.body).toBe(status >= 307 ? 'x' : '')
      expect(api.requests[1]?.headers.has('content-type')).toBe(status >= 307)
    },
  )

  it.each([301, 302, 303, 307, 308])('does not follow a %s to another origin', async (status) => {
    const other = await server(() => new Response('ok'))
    const api = await server(() => Response.redirect(`${other.origin}/steal`, status))
    await expect(authorizedFetch(counting().source)(api.origin)).rejects.toMatchObject({
      code: 'ERR_CROSS_ORIGIN_REDIRECT',
    })
    expect(other.requests).toEqual([])
  })

  it.each([
    'http://api.example/orders',
    'https://api.example:8443/orders',
    'http:',
    '//other.example',
  ])(
    'does not follow a redirect that changes scheme or port, or names a host: %s',
    async (location) => {
      const sent: string[] = []
      const call = authorizedFetch(counting().source, {
        fetch: async (input) => {
          sent.push(new Request(input).url)
          return new Response(null, { status: 307, headers: { location } })
        },
      })
      await expect(call('https://api.example/orders')).rejects.toMatchObject({
        code: 'ERR_CROSS_ORIGIN_REDIRECT',
      })
      expect(sent).toEqual(['https://api.example/orders'])
    },
  )

  it('sends a call once where the platform hides where a redirect leads', async () => {
    const sent: unknown[] = []
    const call = authorizedFetch(counting().source, {
      fetch: async (input) => {
        sent.push(input)
        return Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' })
      },
    })
    await expect(call('https://api.example', { method: 'POST', body: 'x' })).rejects.toMatchObject({
      code: 'ERR_CROSS_ORIGIN_REDIRECT',
    })
    expect(sent).toHaveLength(1)
  })

  it('gives up on a redirect loop', async () => {
    const api = await server(() => new Response(null, { status: 302, headers: { location: '/' } }))
    await expect(authorizedFetch(counting().source)(api.origin)).rejects.toMatchObject({
      code: 'ERR_TOO_MANY_REDIRECTS',
    })
    expect(api.requests).toHaveLength(21)
  })

  it('leaves redirects alone where the caller handles them', async () => {
    const api = await server(
      () => new Response(null, { status: 302, headers: { location: 'https://x.example' } }),
    )
    const call = authorizedFetch(counting().source)
    expect((await call(api.origin, { redirect: 'manual' })).status).toBe(302)
    await expect(call(api.origin, { redirect: 'error' })).rejects.toThrow(TypeError)
  })

  it('refuses a redirect that asks for a stream again', async () => {
    const api = await server(
      () => new Response(null, { status: 307, headers: { location: '/new' } }),
    )
    const call = authorizedFetch(counting().source)
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      body: new Blob(['x']).stream(),
      duplex: 'half',
    }
    await expect(call(api.origin, init)).rejects.toMatchObject({ code: 'ERR_BODY_NOT_REPLAYABLE' })
  })

  it('ends a call by its own signal, while the token is awaited and while the API is', async () => {
    const hanging = await listener(() => {})
    const waiting = new AbortController()
    const first = authorizedFetch(reuse(() => new Promise<AccessToken>(() => {})))(hanging.origin, {
      signal: waiting.signal,
    })
    waiting.abort(new Error('left'))
    await expect(first).rejects.toThrow('left')
    const second = authorizedFetch(counting().source)(hanging.origin, {
      signal: AbortSignal.timeout(20),
    })
    await expect(second).rejects.toThrow(/timeout/)
  })

  it('refuses a call with an Authorization header of its own, and a relative URL', async () => {
    const call = authorizedFetch(counting().source)
    await expect(call('https://a.example', { headers: { Authorization: 'x' } })).rejects.toThrow(
      /authorization/,
    )
    await expect(call('/orders')).rejects.toThrow(/absolute/)
  })

  it.each<[unknown, unknown, string]>([
    [undefined, {}, 'source'],
    [async () => {}, { origins: 'https://a.example' }, 'origins'],
    [async () => {}, { origins: ['https://a.example/path'] }, 'origins[0]'],
    [async () => {}, { orgins: [] }, "did you mean 'origins'"],
    [async () => {}, { fetch: 1 }, 'fetch'],
  ])('refuses wrong options at once (%#)', (source, options, named) => {
    expect(() => authorizedFetch(source as never, options as never)).toThrow(named)
  })
})
