import { describe, expect, it } from 'vitest'
import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import {
  clientSecretJwt,
  federatedAssertion,
  privateKeyJwt,
  tlsClientAuth,
} from '../src/authentication.ts'
import { createClient } from '../src/index.ts'
import { client, good, server } from './answering-endpoint.ts'

// What users of other clients reported, end to end through `createClient`.

describe('what users of other clients reported', () => {
  it('callers times retries is retries: 100 callers in an outage make three requests', async () => {
    const endpoint = await server(() => new Response('', { status: 503 }))
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin })
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => auth.getToken()))
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(endpoint.requests).toHaveLength(3)
  })

  it('a token for one audience is never sent where another was asked for', async () => {
    const endpoint = await server(async (request) => {
      const form = new URLSearchParams(await request.text())
      return Response.json({ ...good, access_token: `for-${form.get('audience')}` })
    })
    const api = await server((request) => new Response(request.headers.get('authorization')))
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin })
    const calls = ['a', 'b', 'a', 'b', 'c'].map(async (audience) => {
      const response = await auth.fetch(api.origin, {}, { audience })
      return response.text()
    })
    expect(await Promise.all(calls)).toEqual([
      'Bearer for-a',
      'Bearer for-b',
      'Bearer for-a',
      'Bearer for-b',
      'Bearer for-c',
    ])
    expect(endpoint.requests).toHaveLength(3)
  })

  it('a refresh token is not for this grant: it is neither kept nor sent', async () => {
    const endpoint = await server(() =>
      Response.json({ ...good, refresh_token: 'MARKER-REFRESH', expires_in: 600 }),
    )
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin })
    const token = await auth.getToken()
    await auth.getToken({ rejected: token })
    const forms = endpoint.requests.map(({ body }) => new URLSearchParams(body))
    expect(forms.map((form) => form.get('grant_type'))).toEqual([
      'client_credentials',
      'client_credentials',
    ])
    expect(inspect(token, { depth: 9, showHidden: true })).not.toContain('MARKER')
  })

  it('an end that is told in another member is read where a quirk says so', async () => {
    const endpoint = await server(() =>
      Response.json({ access_token: 'at-1', token_type: 'Bearer', '.expires': 90 }),
    )
    const readAnswer = (answer: object) => ({
      ...answer,
      expires_in: (answer as { '.expires': number })['.expires'],
    })
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin, quirks: { readAnswer } })
    const { obtainedAt, expiresAt } = await auth.getToken()
    expect((expiresAt ?? 0) - obtainedAt).toBe(90_000)
  })

  it('functions that are taken off the client work as they do on it', async () => {
    const endpoint = await server(() => Response.json(good))
    const api = await server(({ headers }) => new Response(headers.get('authorization')))
    const {
      fetch: call,
      getToken,
      peek,
      source,
      status,
      close,
    } = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
    })
    expect(await (await call(api.origin)).text()).toBe('Bearer at-1')
    const values = [(await getToken()).value, peek()?.value, (await source()).value]
    expect(values).toEqual(['at-1', 'at-1', 'at-1'])
    expect(status().tokenRequests).toBe(1)
    await close()
  })

  it('a scope that is refused holds back no other scope', async () => {
    const endpoint = await server(async (request) => {
      const { scope } = Object.fromEntries(new URLSearchParams(await request.text()))
      return scope === 'forbidden'
        ? Response.json({ error: 'invalid_scope' }, { status: 400 })
        : Response.json(good)
    })
    const auth = createClient({ ...client, tokenEndpoint: endpoint.origin })
    await expect(auth.getToken({ scope: 'forbidden' })).rejects.toMatchObject({
      code: 'ERR_REFUSED',
    })
    await expect(auth.getToken({ scope: 'forbidden' })).rejects.toMatchObject({
      code: 'ERR_REFUSED',
    })
    expect((await auth.getToken({ scope: 'allowed' })).value).toBe('at-1')
    expect(endpoint.requests).toHaveLength(2)
  })

  it.each([301, 302, 303, 307, 308])(
    'a %s at the token endpoint is not followed, to the same origin or another',
    async (status) => {
      const other = await server(() => Response.json(good))
      for (const location of ['/elsewhere', `${other.origin}/token`]) {
        const endpoint = await server(() => new Response(null, { status, headers: { location } }))
        const auth = createClient({ ...client, tokenEndpoint: endpoint.origin })
        await expect(auth.getToken()).rejects.toMatchObject({ code: 'ERR_RESPONSE_REDIRECT' })
        expect(endpoint.requests).toHaveLength(1)
      }
      expect(other.requests).toEqual([])
    },
  )

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const long = 'a secret that is long enough for HS256'
  it.each([
    ['client_secret_basic', { ...client }],
    ['client_secret_post', { ...client, authMethod: 'client_secret_post' as const }],
    [
      'client_secret_jwt',
      { clientId: 'billing', clientAuthentication: clientSecretJwt({ clientSecret: long }) },
    ],
    ['private_key_jwt', { clientId: 'billing', clientAuthentication: privateKeyJwt({ key }) }],
    [
      'tls_client_auth',
      {
        clientId: 'billing',
        clientAuthentication: tlsClientAuth({ fetch }),
      },
    ],
    [
      'an assertion of the platform, another each time',
      {
        clientId: 'billing',
        clientAuthentication: federatedAssertion(() => `e30.e30.${crypto.randomUUID()}`),
      },
    ],
  ])('a second call makes no token request, by %s', async (_, credentials) => {
    const endpoint = await server(() => Response.json(good))
    const auth = createClient({ ...credentials, tokenEndpoint: endpoint.origin })
    await auth.getToken()
    await auth.getToken()
    await auth.getToken({ scope: [] })
    expect(endpoint.requests).toHaveLength(1)
  })
})
