import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { client, good, server } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from './client-credentials.ts'

describe('clientCredentials: discovery', () => {
  /** An issuer whose metadata is at one path, with these members. */
  async function issuing(at: string, members: (origin: string) => Record<string, unknown>) {
    const issuer = await server((request) => {
      const { pathname, origin } = new URL(request.url)
      if (pathname === '/token') return Response.json(good)
      return pathname === at ? Response.json(members(origin)) : new Response('no', { status: 404 })
    })
    return issuer
  }

  it.each([
    ['', '/.well-known/oauth-authorization-server'],
    ['', '/.well-known/openid-configuration'],
    ['/tenant', '/.well-known/oauth-authorization-server/tenant'],
    ['/tenant', '/.well-known/openid-configuration/tenant'],
    ['/tenant', '/tenant/.well-known/openid-configuration'],
    ['/tenant/', '/.well-known/oauth-authorization-server/tenant'],
  ])('of issuer path "%s" finds the document at %s [std:157] [std:161]', async (path, at) => {
    const issuer = await issuing(at, (origin) => ({
      issuer: origin + path,
      token_endpoint: `${origin}/token`,
    }))
    const source = clientCredentials({ ...client, issuer: issuer.origin + path })
    expect((await source()).value).toBe('at-1')
    await source()
    // The document is fetched once for both.
    expect(issuer.requests.filter((request) => request.path === at)).toHaveLength(1)
  })

  it.each<[unknown, string]>([
    [undefined, 'Basic'],
    [['none'], 'Basic'],
    [[], 'Basic'],
    [['client_secret_post', 'client_secret_basic'], 'Basic'],
    [['private_key_jwt', 'client_secret_post'], 'post'],
  ])('with methods %j authenticates by %s [std:159]', async (methods, expected) => {
    const issuer = await issuing('/.well-known/oauth-authorization-server', (origin) => ({
      issuer: origin,
      token_endpoint: `${origin}/token`,
      token_endpoint_auth_methods_supported: methods,
    }))
    await clientCredentials({ ...client, issuer: issuer.origin })()
    const request = issuer.requests.find(({ path }) => path === '/token')
    expect(request?.headers.has('authorization')).toBe(expected === 'Basic')
  })

  it.each<[string, (origin: string) => Record<string, unknown>, string, RegExp]>([
    [
      'another issuer [std:158]',
      () => ({ issuer: 'https://evil.example', token_endpoint: 'https://evil.example/token' }),
      'ERR_METADATA_ISSUER',
      /names issuer https:\/\/evil\.example/,
    ],
    [
      'a trailing slash more',
      (origin) => ({ issuer: `${origin}/`, token_endpoint: `${origin}/token` }),
      'ERR_METADATA_ISSUER',
      /trailing slash only/,
    ],
    [
      'a plain-http endpoint [std:160]',
      (origin) => ({ issuer: origin, token_endpoint: 'http://as.example/token' }),
      'ERR_METADATA_INVALID',
      /must be https/,
    ],
    ['no endpoint', (origin) => ({ issuer: origin }), 'ERR_METADATA_INVALID', /token_endpoint/],
    [
      'no usable method',
      (origin) => ({
        issuer: origin,
        token_endpoint: `${origin}/token`,
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
      }),
      'ERR_AUTH_METHOD',
      /private_key_jwt/,
    ],
  ])('refuses a document with %s and sends no secret', async (_, members, code, message) => {
    const issuer = await issuing('/.well-known/oauth-authorization-server', members)
    const failure = clientCredentials({ ...client, issuer: issuer.origin })()
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(issuer.requests.some(({ path }) => path === '/token')).toBe(false)
  })

  it('says so when there is no document, and tells an outage apart', async () => {
    const none = await server(() => new Response('no', { status: 404 }))
    await expect(clientCredentials({ ...client, issuer: none.origin })()).rejects.toMatchObject({
      code: 'ERR_METADATA_NOT_FOUND',
      phase: 'discovery',
      retryable: false,
    })
    const down = await server(() => new Response('', { status: 503 }))
    await expect(clientCredentials({ ...client, issuer: down.origin })()).rejects.toMatchObject({
      code: 'ERR_RESPONSE_STATUS',
      retryable: true,
    })
  })

  it('fetches the document once for tokens that are asked for at the same time', async () => {
    const issuer = await issuing('/.well-known/oauth-authorization-server', (origin) => ({
      issuer: origin,
      token_endpoint: `${origin}/token`,
    }))
    const source = clientCredentials({ ...client, issuer: issuer.origin })
    await Promise.all(Array.from({ length: 50 }, (_, tenant) => source({ partition: `${tenant}` })))
    expect(issuer.requests.filter(({ path }) => path !== '/token')).toHaveLength(1)
    expect(issuer.requests.filter(({ path }) => path === '/token')).toHaveLength(50)
  })

  it('goes on with the endpoint it knows while the metadata cannot be had', async () => {
    let down = false
    const issuer = await server((request) => {
      const { pathname, origin } = new URL(request.url)
      if (pathname === '/token') return Response.json(good)
      return down
        ? new Response('', { status: 500 })
        : Response.json({ issuer: origin, token_endpoint: `${origin}/token` })
    })
    const clock = handClock()
    const source = clientCredentials({ ...client, issuer: issuer.origin, now: clock.now })
    await source()
    down = true
    clock.advance(3_600_001)
    expect((await source()).value).toBe('at-1')
    // Not every request waits to learn that it is still down.
    const looked = issuer.requests.length
    await source()
    expect(issuer.requests.slice(looked).map(({ path }) => path)).toEqual(['/token'])
    down = false
    clock.advance(60_001)
    await source()
    expect(issuer.requests.slice(looked + 1).map(({ path }) => path)).toEqual([
      '/.well-known/oauth-authorization-server',
      '/token',
    ])
  })
})
