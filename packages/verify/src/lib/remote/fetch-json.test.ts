import { startLoopbackServer, type LoopbackHandler } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { fetchJson, MAX_DOCUMENT, type FetchedJson } from './fetch-json.ts'

const json = { 'content-type': 'application/json' }

async function load(handler: LoopbackHandler, etag?: string): Promise<FetchedJson> {
  await using server = await startLoopbackServer(handler)
  return await fetchJson(server.origin, {
    fetch: globalThis.fetch,
    accept: 'application/json',
    signal: AbortSignal.timeout(5000),
    etag,
  })
}

describe('fetchJson', () => {
  it('gives the body, its entity tag and its age limit', async () => {
    const headers = { etag: '"a"', 'cache-control': 'public, max-age=60' }
    expect(await load(() => Response.json({ a: 1 }, { headers }))).toEqual({
      body: { a: 1 },
      etag: '"a"',
      maxAge: 60_000,
    })
  })

  it.each([
    ['max-age=600', '590', 10_000],
    ['max-age=600', '601', 0],
    ['max-age=600', 'soon', 600_000],
    ['no-store, max-age=600', '1', 0],
    ['public', '1', undefined],
  ])(
    'lets an answer under %s, held for %s by a cache, be kept for %s ms',
    async (control, age, left) => {
      const headers = { 'cache-control': control, age }
      expect((await load(() => Response.json({}, { headers }))).maxAge).toBe(left)
    },
  )

  it.each(['application/json; charset=utf-8', 'application/jwk-set+json', 'Application/JSON'])(
    'takes the media type %s',
    async (type) => {
      const response = (): Response => new Response('{}', { headers: { 'content-type': type } })
      expect((await load(response)).body).toEqual({})
    },
  )

  it.each([
    ['redirect', () => Response.redirect('http://127.0.0.1:1/', 302)],
    ['redirect', () => new Response(null, { status: 307, headers: { location: '/other' } })],
    ['redirect', () => new Response(null, { status: 304 })],
    ['status', () => Response.json({}, { status: 500 })],
    ['status', () => Response.json({}, { status: 404 })],
    ['status', () => Response.json({}, { status: 201 })],
    ['content_type', () => new Response('{}', { headers: { 'content-type': 'text/html' } })],
    [
      'content_type',
      () => new Response('{}', { headers: { 'content-type': 'application/jsonx' } }),
    ],
    ['too_large', () => new Response(' '.repeat(MAX_DOCUMENT - 1) + '{}', { headers: json })],
    ['not_json', () => new Response('<html>', { headers: json })],
    ['not_json', () => new Response('[]', { headers: json })],
    ['not_json', () => new Response('', { headers: json })],
    ['not_json', () => new Response('{"a":'.repeat(40) + '1' + '}'.repeat(40), { headers: json })],
  ] as const)('calls it %s when the answer is %s', async (fault, handler) => {
    await expect(load(handler)).rejects.toMatchObject({ name: 'LoadFailure', fault })
  })

  it('reads a document of exactly the greatest size', async () => {
    const padded = ' '.repeat(MAX_DOCUMENT - 2) + '{}'
    expect((await load(() => new Response(padded, { headers: json }))).body).toEqual({})
  })

  it('follows no redirect', async () => {
    const seen: string[] = []
    await load((_, { path }) => {
      seen.push(path)
      return new Response(null, { status: 302, headers: { location: '/elsewhere' } })
    }).catch(() => {})
    expect(seen).toEqual(['/'])
  })

  it('refuses an answer that a passed-in fetch got by following a redirect', async () => {
    const followed = Object.defineProperty(Response.json({}), 'redirected', { value: true })
    const loading = fetchJson('https://as.example/jwks', {
      fetch: async () => followed,
      accept: 'application/json',
      signal: AbortSignal.timeout(5000),
    })
    await expect(loading).rejects.toMatchObject({ fault: 'redirect' })
  })

  it('calls a broken connection network, and keeps the cause out', async () => {
    const loading = fetchJson('http://127.0.0.1:1/', {
      fetch: globalThis.fetch,
      accept: 'application/json',
      signal: AbortSignal.timeout(5000),
    })
    await expect(loading).rejects.toMatchObject({ fault: 'network' })
    await expect(loading).rejects.not.toHaveProperty('cause')
  })

  it('tries once more when the server has closed the connection, and once only', async () => {
    for (const broken of [1, 2]) {
      let asked = 0
      const loaded = load(() => (++asked <= broken ? Response.error() : Response.json({ asked })))
      if (broken === 1) expect((await loaded).body).toEqual({ asked: 2 })
      else await expect(loaded).rejects.toMatchObject({ fault: 'network' })
      expect(asked).toBe(2)
    }
  })

  it('gives no body for a 304 to a conditional request', async () => {
    const answer = await load(() => new Response(null, { status: 304 }), '"a"')
    expect(answer).toMatchObject({ body: undefined, etag: '"a"' })
  })
})
