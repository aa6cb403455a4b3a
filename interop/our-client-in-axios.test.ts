import { inspect } from 'node:util'
import { Readable } from 'node:stream'
import { AccessToken, reuse, type ClientEvent, type TokenSource } from '@countersign/client'
import { startLoopbackServer, type LoopbackHandler } from '@countersign/testkit'
import axios, { type AxiosError } from 'axios'
import { describe, expect, it, onTestFinished } from 'vitest'
import { attachTokens } from '@countersign/client/axios'

function counting(): { source: TokenSource; readonly requests: () => number } {
  let requests = 0
  const source = reuse(
    async () => new AccessToken({ value: `token-${++requests}`, obtainedAt: Date.now() }),
  )
  return { source, requests: () => requests }
}

async function api(handler: LoopbackHandler) {
  const server = await startLoopbackServer(handler)
  onTestFinished(() => server.close())
  return server
}

/** An API that refuses token-1 and takes every other token. */
const refusing = (challenge = 'Bearer error="invalid_token"', status = 401) =>
  api((request) =>
    request.headers.get('authorization') === 'Bearer token-1'
      ? new Response('no', { status, headers: { 'www-authenticate': challenge } })
      : new Response('yes'),
  )

const seen = (value: unknown) =>
  [inspect(value, { depth: 10 }), String((value as Error).stack), JSON.stringify(value)].join('\n')

describe.each([['http'], ['fetch']] as const)('attachTokens with the %s adapter', (adapter) => {
  const attached = (origin: string, source: TokenSource, options = {}) => {
    const instance = axios.create({ baseURL: origin, adapter })
    return { instance, eject: attachTokens(instance, source, options) }
  }

  it('puts the token on every call, and none after it was taken off', async () => {
    const server = await api(() => new Response('ok'))
    const { instance, eject } = attached(server.origin, counting().source)
    expect((await instance.get('/a', { params: { b: 1 } })).data).toBe('ok')
    eject()
    await instance.get('/c')
    expect(server.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-1',
      null,
    ])
    expect(server.requests[0]?.path).toBe('/a?b=1')
  })

  it('renews once for 50 calls refused at once, and all succeed with their bodies', async () => {
    const server = await refusing()
    const { source, requests } = counting()
    const events: ClientEvent[] = []
    const { instance } = attached(server.origin, source, {
      onEvent: (event: ClientEvent) => events.push(event),
    })
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, at) => instance.post('/', { at, text: 'a "b"' })),
    )
    expect(new Set(all.map(({ data }) => data))).toEqual(new Set(['yes']))
    expect(requests()).toBe(2)
    const bodies = new Set(server.requests.map(({ body }) => body))
    expect(bodies.size).toBe(50)
    expect(bodies).toContain('{"at":7,"text":"a \\"b\\""}')
    expect(events[0]).toEqual({ type: 'token.refused', origin: server.origin })
  })

  it('renews also where a 401 is no error to the caller', async () => {
    const server = await refusing()
    const { instance } = attached(server.origin, counting().source)
    const { status, data } = await instance.get('/', { validateStatus: () => true })
    expect([status, data]).toEqual([200, 'yes'])
  })

  it.each([
    [403, 'Bearer error="invalid_token"'],
    [401, 'Bearer error="insufficient_scope"'],
  ])('rejects %s with challenge %s at once', async (status, challenge) => {
    const server = await refusing(challenge, status)
    const { source, requests } = counting()
    const { instance } = attached(server.origin, source)
    await expect(instance.get('/')).rejects.toMatchObject({ response: { status, data: 'no' } })
    expect([requests(), server.requests.length]).toEqual([1, 1])
  })

  it('makes no third call, and rejects with the second refusal', async () => {
    const server = await api(() => new Response('never', { status: 401 }))
    const { instance } = attached(server.origin, counting().source)
    await expect(instance.get('/')).rejects.toMatchObject({ response: { data: 'never' } })
    expect(server.requests).toHaveLength(2)
  })

  it('rejects with the first refusal when no other token can be had', async () => {
    const server = await refusing()
    let asked = 0
    const source: TokenSource = async () => {
      if (++asked > 1) throw new Error('the token endpoint is down')
      return new AccessToken({ value: 'token-1', obtainedAt: 0 })
    }
    const { instance } = attached(server.origin, source)
    await expect(instance.get('/')).rejects.toMatchObject({ response: { status: 401 } })
    expect(server.requests).toHaveLength(1)
  })

  it('leaves no token in errors and answers', async () => {
    const server = await api(
      ({ url }) => new Response('', { status: url.endsWith('ok') ? 200 : 500 }),
    )
    const source: TokenSource = async () =>
      new AccessToken({ value: 'MARKER-TOKEN', obtainedAt: Date.now() })
    const { instance } = attached(server.origin, source)
    const failed: AxiosError = await instance.post('/', { a: 1 }).catch((error) => error)
    expect(failed.response?.status).toBe(500)
    expect(seen(failed)).not.toContain('MARKER-TOKEN')
    const { config, headers, request } = await instance.get('/ok')
    expect(seen({ config, headers })).not.toContain('MARKER-TOKEN')
    expect(request).toBeDefined()
    await server.close()
    const unreachable: AxiosError = await instance.get('/').catch((error) => error)
    expect(unreachable.config).toBeDefined()
    expect(seen(unreachable)).not.toContain('MARKER-TOKEN')
    expect(server.requests[0]?.headers.get('authorization')).toBe('Bearer MARKER-TOKEN')
  })

  it('sends nothing outside its origins, over plain http, or with a header of the caller', async () => {
    const server = await api(() => new Response('ok'))
    const other = await api(() => new Response('ok'))
    const { source, requests } = counting()
    const { instance } = attached(server.origin, source)
    await expect(instance.get(`${other.origin}/`)).rejects.toMatchObject({
      code: 'ERR_ORIGIN_NOT_ALLOWED',
    })
    await expect(instance.get('/', { baseURL: 'http://192.0.2.1' })).rejects.toMatchObject({
      code: 'ERR_INSECURE_URL',
    })
    expect(requests()).toBe(0)
    await expect(
      instance.get('/', { headers: { Authorization: 'Bearer mine' } }),
    ).rejects.toMatchObject({ code: 'ERR_ARGUMENT_VALUE' })
    const wider = attached(server.origin, source, { origins: [server.origin, other.origin] })
    expect((await wider.instance.get(`${other.origin}/`)).status).toBe(200)
    expect(server.requests).toEqual([])
  })

  it.each([
    ['no token', undefined],
    ['a token that has ended', new AccessToken({ value: 'a', obtainedAt: 0, expiresAt: 1 })],
    ['a token bound to a key', new AccessToken({ value: 'a', obtainedAt: 0, type: 'DPoP' })],
  ])('sends nothing with %s', async (_, token) => {
    const server = await api(() => new Response('ok'))
    const source = (async () => token) as unknown as TokenSource
    const { instance } = attached(server.origin, source)
    await expect(instance.get('/')).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
    expect(server.requests).toEqual([])
  })

  it('hands the signal of a call to the source', async () => {
    const leaving = new AbortController()
    const source: TokenSource = async (request) => {
      leaving.abort(new Error('enough'))
      throw request?.signal?.reason
    }
    const { instance } = attached('http://127.0.0.1:9', source)
    await expect(instance.get('/', { signal: leaving.signal })).rejects.toThrow('enough')
  })
})

describe('attachTokens', () => {
  it('hands back the 401 to a call whose body was a stream', async () => {
    const server = await refusing()
    const { source, requests } = counting()
    const instance = axios.create({ baseURL: server.origin })
    attachTokens(instance, source)
    await expect(instance.post('/', Readable.from(['x']))).rejects.toMatchObject({
      response: { status: 401 },
    })
    expect(requests()).toBe(1)
  })

  it('follows redirects within the origin, and none to another', async () => {
    const other = await api(() => new Response('ok'))
    const server = await api((_, { path }) =>
      path === '/far'
        ? Response.redirect(`${other.origin}/`, 307)
        : path === '/near'
          ? new Response(null, { status: 307, headers: { location: '/there' } })
          : new Response('there'),
    )
    const instance = axios.create({ baseURL: server.origin })
    attachTokens(instance, counting().source)
    await expect(instance.get('/far')).rejects.toMatchObject({ code: 'ERR_CROSS_ORIGIN_REDIRECT' })
    expect(other.requests).toEqual([])
    expect((await instance.get('/near')).data).toBe('there')
    expect(server.requests.at(-1)?.headers.get('authorization')).toBe('Bearer token-1')
  })

  it('presents the token as a preset says, and hides that too', async () => {
    const server = await api(() => new Response('no', { status: 500 }))
    const presentation = {
      header: 'X-Shopify-Access-Token',
      scheme: null,
      headers: { 'Client-Id': 'shop' },
    }
    const instance = axios.create({ baseURL: server.origin })
    attachTokens(
      instance,
      async () => new AccessToken({ value: 'MARKER', obtainedAt: 0, presentation }),
    )
    const failed: unknown = await instance.get('/').catch((error: unknown) => error)
    expect(server.requests[0]?.headers.get('client-id')).toBe('shop')
    expect(server.requests[0]?.headers.get('x-shopify-access-token')).toBe('MARKER')
    expect(seen(failed)).not.toContain('MARKER')
  })

  it.each([['http'], ['fetch']] as const)(
    'follows no redirect with a header that platforms do not guard (%s adapter)',
    async (adapter) => {
      const other = await api(() => new Response('ok'))
      const server = await api(() => Response.redirect(`${other.origin}/`, 307))
      const presentation = { header: 'X-Shopify-Access-Token', scheme: null }
      const instance = axios.create({ baseURL: server.origin, adapter })
      attachTokens(
        instance,
        async () => new AccessToken({ value: 'shpat', obtainedAt: 0, presentation }),
      )
      await expect(instance.get('/')).rejects.toBeInstanceOf(Error)
      expect([server.requests.length, other.requests.length]).toEqual([1, 0])
    },
  )

  it('refuses what is no axios instance, no source, and an unknown option', () => {
    const { source } = counting()
    expect(() => attachTokens(fetch as never, source)).toThrow("'instance' must be")
    expect(() => attachTokens(axios.create(), undefined as never)).toThrow("'source' must be")
    expect(() => attachTokens(axios.create(), source, { origin: [] } as never)).toThrow(
      "did you mean 'origins'",
    )
  })
})
