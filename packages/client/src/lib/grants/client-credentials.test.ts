import {
  handClock,
  startListener,
  startLoopbackServer,
  type LoopbackHandler,
} from '@countersign/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClientEvent } from '../events.ts'
import { clientCredentials } from './client-credentials.ts'
import type { ClientCredentialsOptions } from './client-credentials-options.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})
async function server(handler: LoopbackHandler) {
  const started = await startLoopbackServer(handler)
  open.push(started)
  return started
}

const client = { clientId: 'billing', clientSecret: 's3cret' }
const good = { access_token: 'at-1', token_type: 'Bearer', expires_in: 600 }

/** A source on an endpoint that gives this answer, with a clock that stands still. */
async function answering(
  handler: LoopbackHandler,
  options: Partial<ClientCredentialsOptions> = {},
) {
  const endpoint = await server(handler)
  const clock = handClock(1_000_000)
  const source = clientCredentials({
    ...client,
    tokenEndpoint: `${endpoint.origin}/token?tenant=1`,
    now: clock.now,
    ...options,
  })
  return { endpoint, source, clock }
}

describe('clientCredentials: the request', () => {
  it('is a form POST with Basic credentials, and keeps the query of the endpoint [std:2] [std:4] [std:5] [std:8]', async () => {
    const { endpoint, source } = await answering(() => Response.json(good), {
      scope: ['a:read', 'b'],
      resource: ['https://api.example/a', 'https://api.example/b'],
      audience: 'old',
      parameters: { tenant: 'x y' },
    })
    await source()
    const [request] = endpoint.requests
    expect(request?.method).toBe('POST')
    expect(request?.path).toBe('/token?tenant=1')
    expect(request?.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    expect(request?.headers.get('accept')).toBe('application/json')
    expect(request?.headers.get('authorization')).toBe(`Basic ${btoa('billing:s3cret')}`)
    expect([...new URLSearchParams(request?.body)]).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'a:read b'],
      ['resource', 'https://api.example/a'],
      ['resource', 'https://api.example/b'],
      ['audience', 'old'],
      ['tenant', 'x y'],
    ])
  })

  it('uses one authentication method only: post puts both into the body [std:1] [std:3]', async () => {
    const { endpoint, source } = await answering(() => Response.json(good), {
      authMethod: 'client_secret_post',
    })
    await source()
    const [request] = endpoint.requests
    expect(request?.headers.has('authorization')).toBe(false)
    expect(request?.body).toBe(
      'grant_type=client_credentials&client_id=billing&client_secret=s3cret',
    )
  })

  it('encodes Basic credentials as forms by default, and as they are when told [std:2]', async () => {
    const odd = { clientId: 'ä client', clientSecret: ':%+ /&=é-._~' }
    const encoded = await answering(() => Response.json(good), odd)
    await encoded.source()
    expect(atob(encoded.endpoint.requests[0]?.headers.get('authorization')?.slice(6) ?? '')).toBe(
      '%C3%A4+client:%3A%25%2B+%2F%26%3D%C3%A9-._~',
    )
    const raw = await answering(() => Response.json(good), { ...odd, basicEncoding: 'raw' })
    await raw.source()
    const bytes = Buffer.from(
      raw.endpoint.requests[0]?.headers.get('authorization')?.slice(6) ?? '',
      'base64',
    )
    expect(bytes.toString('utf8')).toBe('ä client:' + odd.clientSecret)
  })

  it('reads the secret at each request', async () => {
    let secret = 'one'
    const { endpoint, source } = await answering(() => Response.json(good), {
      clientSecret: async () => secret,
    })
    await source()
    secret = 'two'
    await source()
    expect(
      endpoint.requests.map(({ headers }) => atob(headers.get('authorization')?.slice(6) ?? '')),
    ).toEqual(['billing:one', 'billing:two'])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('secret-marker')
      },
    ],
    ['gives undefined', () => undefined],
    ['gives an empty text', async () => ''],
  ])('sends nothing when the secret source %s', async (_, clientSecret) => {
    const { endpoint, source } = await answering(() => Response.json(good), {
      clientSecret: clientSecret as never,
    })
    await expect(source()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      phase: 'credential',
      retryable: false,
    })
    expect(endpoint.requests).toEqual([])
  })
})

describe('clientCredentials: the answer', () => {
  it.each<[string, Record<string, unknown>, number | undefined]>([
    ['a number', { expires_in: 600 }, 600_000],
    ['a string', { expires_in: '600' }, 600_000],
    ['a fraction', { expires_in: 599.9 }, 599_000],
    ['zero', { expires_in: 0 }, 0],
    ['missing', {}, 3_600_000],
    ['null', { expires_in: null }, 3_600_000],
    ['huge', { expires_in: 1e10 }, 315_360_000_000],
  ])(
    'gives a life from expires_in as %s, counted from the sending [std:10]',
    async (_, member, life) => {
      const { source, clock } = await answering(() => {
        clock.advance(5000)
        return Response.json({ access_token: 'at-1', token_type: 'bearer', ...member })
      })
      const sentAt = clock.now()
      const token = await source()
      expect(token.obtainedAt).toBe(sentAt)
      expect(token.expiresAt).toBe(sentAt + (life ?? 0))
    },
  )

  it('takes scope and hint from the answer, and tells an event without the token [std:9] [std:10]', async () => {
    const events: ClientEvent[] = []
    const { source, clock } = await answering(
      () => Response.json({ ...good, scope: 'a b', refresh_in: 60, unknown: { x: 1 } }),
      { scope: 'a b c', onEvent: (event) => events.push(event) },
    )
    const token = await source()
    expect(token).toMatchObject({ value: 'at-1', type: 'Bearer', scope: ['a', 'b'] })
    expect(token.refreshAt).toBe(clock.now() + 60_000)
    expect(events).toEqual([
      { type: 'token.obtained', expiresAt: token.expiresAt, scope: ['a', 'b'], duration: 0 },
    ])
  })

  it('assumes the requested scope where the answer says none [std:10]', async () => {
    const { source } = await answering(() => Response.json(good), { scope: 'a b' })
    expect((await source()).scope).toEqual(['a', 'b'])
  })

  it.each<[string, LoopbackHandler, Record<string, unknown>]>([
    [
      'a page with 200',
      () => new Response('<html>hello', { headers: { 'content-type': 'text/html' } }),
      { code: 'ERR_RESPONSE_BODY', retryable: true },
    ],
    [
      'a page with a JSON media type',
      () => new Response('<html>', { headers: { 'content-type': 'application/json' } }),
      { code: 'ERR_RESPONSE_BODY' },
    ],
    [
      'a page with 502',
      () => new Response('<html>', { status: 502 }),
      { code: 'ERR_RESPONSE_STATUS', status: 502, retryable: true },
    ],
    [
      'an empty body with 200',
      () => new Response(''),
      { code: 'ERR_RESPONSE_BODY', retryable: true },
    ],
    [
      'an empty body with 400',
      () => new Response('', { status: 400 }),
      { code: 'ERR_RESPONSE_STATUS', retryable: false },
    ],
    [
      'a form body',
      () => new Response('access_token=x&expires_in=1'),
      { code: 'ERR_RESPONSE_BODY' },
    ],
    ['a JSON list', () => Response.json([good]), { code: 'ERR_RESPONSE_BODY' }],
    [
      'a JSON text nested too deep',
      () => new Response('{"a":'.repeat(60) + '1' + '}'.repeat(60)),
      { code: 'ERR_RESPONSE_BODY' },
    ],
    [
      'no access_token',
      () => Response.json({ token_type: 'Bearer' }),
      { code: 'ERR_RESPONSE_MEMBER', retryable: false },
    ],
    [
      'a numeric access_token',
      () => Response.json({ ...good, access_token: 5 }),
      { code: 'ERR_RESPONSE_MEMBER' },
    ],
    [
      'an access_token with a line break',
      () => Response.json({ ...good, access_token: 'a\nb' }),
      { code: 'ERR_RESPONSE_MEMBER' },
    ],
    [
      'an unknown token_type [std:11]',
      () => Response.json({ ...good, token_type: 'mac' }),
      { code: 'ERR_RESPONSE_MEMBER' },
    ],
    [
      'a DPoP token nobody asked for',
      () => Response.json({ ...good, token_type: 'DPoP' }),
      { code: 'ERR_RESPONSE_MEMBER' },
    ],
    [
      'a negative expires_in',
      () => Response.json({ ...good, expires_in: -1 }),
      { code: 'ERR_RESPONSE_MEMBER' },
    ],
    [
      'expires_in in words',
      () => Response.json({ ...good, expires_in: 'soon' }),
      { code: 'ERR_RESPONSE_MEMBER' },
    ],
    ['10 MB', () => new Response('x'.repeat(10_000_000)), { code: 'ERR_RESPONSE_TOO_LARGE' }],
    [
      'a redirect',
      () => Response.redirect('https://other.example/login', 302),
      { code: 'ERR_RESPONSE_REDIRECT', status: 302 },
    ],
    [
      '200 with an error',
      () => Response.json({ error: 'incorrect_client_credentials' }),
      { code: 'ERR_REFUSED', status: 200, oauth: { error: 'incorrect_client_credentials' } },
    ],
    [
      '400 invalid_scope [std:12]',
      () =>
        Response.json(
          {
            error: 'invalid_scope',
            error_description: 'no such scope',
            error_uri: 'https://e.example',
          },
          { status: 400 },
        ),
      {
        code: 'ERR_REFUSED',
        retryable: false,
        oauth: { error: 'invalid_scope', description: 'no such scope', uri: 'https://e.example' },
      },
    ],
    [
      '401 invalid_client',
      () => Response.json({ error: 'invalid_client' }, { status: 401 }),
      { code: 'ERR_REFUSED', status: 401, retryable: false },
    ],
    [
      '503 with an error',
      () =>
        Response.json(
          { error: 'temporarily_unavailable' },
          { status: 503, headers: { 'retry-after': '7' } },
        ),
      { code: 'ERR_REFUSED', retryable: true, retryAfter: 7000 },
    ],
    [
      '429',
      () => new Response('slow down', { status: 429, headers: { 'retry-after': '2' } }),
      { code: 'ERR_RESPONSE_STATUS', retryable: true, retryAfter: 2000 },
    ],
  ])('gives a stated outcome for %s', async (_, handler, outcome) => {
    const { source } = await answering(handler)
    await expect(source()).rejects.toMatchObject({ phase: 'token', ...outcome })
  })

  it('takes JSON under another media type', async () => {
    const { source } = await answering(() => new Response(JSON.stringify(good)))
    expect((await source()).value).toBe('at-1')
  })

  it('hints at the Basic encoding where it can matter, at the method otherwise', async () => {
    const refuse = () => Response.json({ error: 'invalid_client' }, { status: 401 })
    const odd = await answering(refuse, { clientSecret: 'a+b/c' })
    await expect(odd.source()).rejects.toThrow("set basicEncoding to 'raw'")
    const plain = await answering(refuse)
    await expect(plain.source()).rejects.toThrow("set authMethod to 'client_secret_post'")
    const post = await answering(refuse, { authMethod: 'client_secret_post' })
    await expect(post.source()).rejects.toThrow("set authMethod to 'client_secret_basic'")
  })

  it('tells a refused connection, a cut one and a hanging server apart from refusals', async () => {
    const gone = await startListener(() => {})
    await gone.close()
    const refused = clientCredentials({ ...client, tokenEndpoint: `${gone.origin}/token` })
    await expect(refused()).rejects.toMatchObject({
      code: 'ERR_NETWORK',
      retryable: true,
      message: expect.stringMatching(/ECONNREFUSED.*is the server running/),
    })
    const cutting = await startListener((request) => request.socket.destroy())
    open.push(cutting)
    await expect(
      clientCredentials({ ...client, tokenEndpoint: cutting.origin })(),
    ).rejects.toMatchObject({ code: 'ERR_NETWORK' })
    const hanging = await startListener(() => {})
    open.push(hanging)
    await expect(
      clientCredentials({ ...client, tokenEndpoint: hanging.origin, timeout: 30 })(),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT', retryable: true })
    const dribbling = await startListener((_, response) => response.write('{'))
    open.push(dribbling)
    await expect(
      clientCredentials({ ...client, tokenEndpoint: dribbling.origin, timeout: 30 })(),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })
})

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
  })
})

describe('clientCredentials: wrong options', () => {
  const fine = { ...client, tokenEndpoint: 'https://as.example/token' }
  it.each<[Record<string, unknown> | undefined, string]>([
    [undefined, 'options are required'],
    [{ ...client }, "give 'issuer', or 'tokenEndpoint'"],
    [{ ...fine, clientId: undefined }, "'clientId' is required"],
    [{ ...fine, clientId: '' }, "'clientId' must not be empty"],
    [{ ...fine, clientSecret: undefined }, "read it with fromEnv('CLIENT_SECRET')"],
    [{ ...fine, clientSecret: '' }, "'clientSecret' must not be empty"],
    [{ ...fine, clientSecrets: 'x' }, "did you mean 'clientSecret'?"],
    [{ ...fine, scopes: ['a'] }, "did you mean 'scope'?"],
    [{ ...fine, zzz: 1 }, "unknown option 'zzz'; known are issuer"],
    [{ ...fine, authMethod: 'client_secret_basics' }, "'authMethod' must be 'client_secret_basic'"],
    [{ ...fine, basicEncoding: 'plain' }, 'one of form, raw'],
    [{ ...fine, clientId: 'a:b', basicEncoding: 'raw' }, 'colon'],
    [{ ...fine, scope: ['a b'] }, "'scope[0]'"],
    [{ ...fine, scope: 'a"b' }, "'scope' holds"],
    [{ ...fine, scope: 5 }, "'scope' must be a string"],
    [{ ...fine, resource: '/orders' }, "'resource' must be an absolute URI"],
    [{ ...fine, resource: 'https://a.example/#x' }, 'fragment'],
    [{ ...fine, tokenEndpoint: 'http://as.example/token' }, 'must be https'],
    [{ ...fine, tokenEndpoint: '/token' }, 'not an absolute URL'],
    [{ ...fine, tokenEndpoint: 'https://as.example/token#x' }, 'no fragment'],
    [{ ...fine, tokenEndpoint: 'https://u:p@as.example/token' }, 'user name or password'],
    [{ ...client, issuer: 'https://as.example?x=1' }, 'no query'],
    [{ ...fine, parameters: { client_secret: 'x' } }, "must not hold 'client_secret'"],
    [{ ...fine, parameters: { x: 1 } }, "'parameters.x' must be a string"],
    [{ ...fine, timeout: 0 }, 'from 1 to'],
    [{ ...fine, timeout: NaN }, "'timeout' must be a number"],
    [{ ...fine, fetch: {} }, "'fetch' must be a function"],
  ])('are refused at once, named, with the cure (%#)', (options, message) => {
    const make = () => clientCredentials(options as never)
    expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
    expect(make).toThrow(message)
  })
})
