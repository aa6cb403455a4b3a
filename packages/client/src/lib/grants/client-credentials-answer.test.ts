import type { LoopbackHandler } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { answering, client, good, listener } from '../../../test/answering-endpoint.ts'
import type { ClientEvent } from '../events.ts'
import { clientCredentials } from './client-credentials.ts'

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
    const gone = await listener(() => {})
    await gone.close()
    const refused = clientCredentials({ ...client, tokenEndpoint: `${gone.origin}/token` })
    await expect(refused()).rejects.toMatchObject({
      code: 'ERR_NETWORK',
      retryable: true,
      message: expect.stringMatching(/ECONNREFUSED.*is the server running/),
    })
    const cutting = await listener((request) => request.socket.destroy())
    await expect(
      clientCredentials({ ...client, tokenEndpoint: cutting.origin })(),
    ).rejects.toMatchObject({ code: 'ERR_NETWORK' })
    const hanging = await listener(() => {})
    await expect(
      clientCredentials({ ...client, tokenEndpoint: hanging.origin, timeout: 30 })(),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT', retryable: true })
    const dribbling = await listener((_, response) => response.write('{'))
    await expect(
      clientCredentials({ ...client, tokenEndpoint: dribbling.origin, timeout: 30 })(),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })
})
