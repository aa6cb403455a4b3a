import { describe, expect, it } from 'vitest'
import { client, good, server } from '../../../test/answering-endpoint.ts'
import { AccessToken, type TokenPresentation } from '../access-token.ts'
import { createClient } from '../create-client.ts'
import type { TokenRequest } from '../token-source.ts'
import { authorizedFetch } from './authorized-fetch.ts'

function presenting(presentation: TokenPresentation) {
  return authorizedFetch(
    async () => new AccessToken({ value: 'token-1', obtainedAt: 0, presentation }),
  )
}

describe('authorizedFetch with tokens that are presented otherwise', () => {
  it.each<[TokenPresentation, string]>([
    [{ header: 'X-Shop-Token', scheme: null }, 'token-1'],
    [{ header: 'X-Shop-Token', scheme: 'Token' }, 'Token token-1'],
  ])('puts the token where it says: %o', async (presentation, value) => {
    const api = await server((request) =>
      new URL(request.url).pathname === '/old'
        ? Response.redirect(new URL('/new', request.url), 307)
        : new Response('ok'),
    )
    await presenting(presentation)(`${api.origin}/old`)
    for (const { headers } of api.requests) {
      expect(headers.get('x-shop-token')).toBe(value)
      expect(headers.has('authorization')).toBe(false)
    }
    expect(api.requests).toHaveLength(2)
  })

  it('takes another scheme in the usual header', async () => {
    const api = await server(() => new Response('ok'))
    await presenting({ header: 'Authorization', scheme: 'token' })(api.origin)
    expect(api.requests[0]?.headers.get('authorization')).toBe('token token-1')
  })

  it('refuses a call that brings that header itself', async () => {
    const api = await server(() => new Response('ok'))
    const call = presenting({ header: 'X-Shop-Token', scheme: null })
    await expect(call(api.origin, { headers: { 'x-shop-token': 'mine' } })).rejects.toThrow(
      'x-shop-token',
    )
    expect(api.requests).toEqual([])
  })

  it.each<[unknown]>([
    [{ header: 'x shop', scheme: null }],
    [{ header: 'x-shop', scheme: 'a\r\nb' }],
    [{ header: 'x-shop' }],
  ])('sends nothing, and shows no token, where it cannot: %o', async (presentation) => {
    const failure: unknown = await presenting(presentation as TokenPresentation)(
      'https://a.example',
    ).catch((reason: unknown) => reason)
    expect(failure).toMatchObject({ code: 'ERR_NO_TOKEN' })
    expect(String(failure)).not.toContain('token-1')
  })
})

describe('authorizedFetch with a variation', () => {
  it('asks for the token that this call is to have', async () => {
    const asked: (TokenRequest | undefined)[] = []
    const api = await server(() => new Response('no', { status: 401 }))
    const call = authorizedFetch(async (request) => {
      asked.push(request)
      return new AccessToken({ value: `token-${asked.length}`, obtainedAt: 0 })
    })
    const { signal } = new AbortController()
    await call(api.origin, { signal }, { scope: 'read', partition: 'tenant-7' })
    expect(asked).toEqual([
      { scope: 'read', partition: 'tenant-7', signal },
      { scope: 'read', partition: 'tenant-7', signal, rejected: expect.any(AccessToken) },
    ])
    await call(api.origin)
    expect(asked[2]).toBe(undefined)
  })

  it('gets a token of its own for each thing asked for', async () => {
    const endpoint = await server(async (request) => {
      const form = new URLSearchParams(await request.text())
      return Response.json({ ...good, access_token: `at-${form.get('scope')}` })
    })
    const api = await server((request) => new Response(request.headers.get('authorization')))
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin, scope: 'usual' })
    const call = async (scope?: string) => {
      const variation = scope === undefined ? undefined : { scope }
      return (await auth.fetch(api.origin, undefined, variation)).text()
    }
    expect(await call()).toBe('Bearer at-usual')
    expect(await call('read')).toBe('Bearer at-read')
    expect(await call('read')).toBe('Bearer at-read')
    expect(await call()).toBe('Bearer at-usual')
    expect(endpoint.requests).toHaveLength(2)
  })

  it('refuses a name that is not one of a variation', async () => {
    const call = authorizedFetch(async () => new AccessToken({ value: 'a', obtainedAt: 0 }))
    const wrong = { scopes: 'read' } as never
    await expect(call('https://a.example', {}, wrong)).rejects.toThrow("did you mean 'scope'")
    const list = ['https://a.example'] as never
    await expect(call('https://a.example', {}, list)).rejects.toThrow('must be an object')
  })
})

describe('authorizedFetch with a body that comes piece by piece', () => {
  async function* chunks() {
    yield new TextEncoder().encode('x')
  }

  it('sends it once, and hands back what is answered', async () => {
    const api = await server(() => new Response('no', { status: 401 }))
    let tokens = 0
    const call = authorizedFetch(
      async () => new AccessToken({ value: `token-${++tokens}`, obtainedAt: 0 }),
    )
    const init = { method: 'POST', body: chunks(), duplex: 'half' } as unknown as RequestInit
    expect((await call(api.origin, init)).status).toBe(401)
    expect(api.requests.map(({ body }) => body)).toEqual(['x'])
    expect(tokens).toBe(1)
  })

  it('does not follow a redirect that asks for it again', async () => {
    const api = await server(() => new Response(null, { status: 308, headers: { location: '/b' } }))
    const call = authorizedFetch(async () => new AccessToken({ value: 'a', obtainedAt: 0 }))
    const init = { method: 'POST', body: chunks(), duplex: 'half' } as unknown as RequestInit
    await expect(call(api.origin, init)).rejects.toMatchObject({ code: 'ERR_BODY_NOT_REPLAYABLE' })
  })
})
