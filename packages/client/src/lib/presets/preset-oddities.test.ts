import { generateKeyPairSync, verify } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { server } from '../../../test/answering-endpoint.ts'
import { pretendingProvider } from '../../../test/pretending-provider.ts'
import * as presets from '../../presets.ts'
import { federatedAssertion } from '../client-authentication/federated-assertion.ts'
import { privateKeyJwt } from '../client-authentication/private-key-jwt.ts'
import { createClient } from '../create-client.ts'
import { clientCredentials } from '../grants/client-credentials.ts'

const client = { clientId: 'billing', clientSecret: 's3cret' }
const plain = { access_token: 'at', token_type: 'Bearer', expires_in: 3600 }
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

/** The claims of an assertion, its signature checked. */
function claimsOf(jwt: string): Record<string, unknown> {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string }
  const key = alg === 'PS256' ? { key: publicKey, padding: 6, saltLength: 32 } : publicKey
  const signed = Buffer.from(`${header}.${payload}`)
  expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

describe('auth0', () => {
  const asked = async (headers: Record<string, string>, status = 200) => {
    const told: presets.Auth0Quota[] = []
    const { fetch } = await pretendingProvider(() =>
      Response.json(status === 200 ? plain : { error: 'too_many_requests' }, { status, headers }),
    )
    const preset = presets.auth0({
      domain: 'shop.auth0.com',
      audience: 'a',
      onQuota: (quota) => {
        told.push(quota)
        throw new Error('the listener')
      },
    })
    const source = clientCredentials({ ...client, fetch, ...preset })
    const outcome: unknown = await source().catch((error: unknown) => error)
    return { told, outcome }
  }
  const perHour = { quota: 100, remaining: 99, resetsIn: 3_600_000 }

  it('tells what is left of the quotas of client and organization, and loses no token by it', async () => {
    const { told, outcome } = await asked({
      'auth0-client-quota-limit': 'b=per_hour;q=100;r=99;t=3600,b=per_day;q=300;r=0;t=86400;x=1',
      'auth0-organization-quota-limit': 'b=per_hour;q=100;r=99;t=3600',
    })
    expect(told).toEqual([
      {
        client: { perHour, perDay: { quota: 300, remaining: 0, resetsIn: 86_400_000 } },
        organization: { perHour },
      },
    ])
    expect(outcome).toMatchObject({ value: 'at' })
  })

  it('tells it with a refusal too', async () => {
    const { told, outcome } = await asked(
      { 'auth0-client-quota-limit': 'b=per_hour;q=100;r=0;t=60' },
      429,
    )
    expect(told).toEqual([{ client: { perHour: { quota: 100, remaining: 0, resetsIn: 60_000 } } }])
    expect(outcome).toMatchObject({ status: 429, retryable: true })
  })

  it.each([
    ['none', undefined],
    ['an unknown span', 'b=per_week;q=1;r=1;t=1'],
    ['one without numbers', 'b=per_hour;q=many;r=1;t=1'],
    ['one with a member missing', 'b=per_hour;q=1;r=1'],
    ['one that is too long', `b=per_hour;q=1;r=1;t=1;${'x'.repeat(2000)}`],
    ['a negative one', 'b=per_hour;q=1;r=-1;t=1'],
  ])('tells nothing of %s', async (_, header) => {
    const { told, outcome } = await asked(
      header === undefined ? {} : { 'auth0-client-quota-limit': header },
    )
    expect(told).toEqual([])
    expect(outcome).toMatchObject({ value: 'at' })
  })
})

describe('salesforce', () => {
  const preset = (onInstance?: (origin: string) => void) =>
    presets.salesforce({ domain: 'shop.my.salesforce.com', ...(onInstance && { onInstance }) })

  it('tells where the API is, and nothing that is no secure address', async () => {
    const told: string[] = []
    const instances = ['https://shop.my.salesforce.com/', 'http://evil.example', undefined]
    for (const instance_url of instances) {
      const provider = await pretendingProvider(() =>
        Response.json({ access_token: 'at', token_type: 'Bearer', instance_url }),
      )
      const { fetch } = provider
      const told1 = (origin: string) => void told.push(origin)
      await createClient({ ...client, fetch, ...preset(told1) }).getToken()
    }
    expect(told).toEqual(['https://shop.my.salesforce.com'])
  })

  it('loses no token to a listener that throws', async () => {
    const { fetch } = await pretendingProvider(() =>
      Response.json({ access_token: 'at', instance_url: 'https://shop.my.salesforce.com' }),
    )
    const throws = (): never => {
      throw new Error('the listener')
    }
    const token = await createClient({ ...client, fetch, ...preset(throws) }).getToken()
    expect(token.value).toBe('at')
  })

  it('leaves the life of its tokens to you', async () => {
    const { fetch } = await pretendingProvider(() => Response.json({ access_token: 'at' }))
    const options = { ...client, fetch, ...preset(), defaultLifetime: 7_200_000 }
    const token = await createClient(options).getToken()
    expect((token.expiresAt ?? 0) - token.obtainedAt).toBe(7_200_000)
  })
})

describe('shopify', () => {
  it('reads scopes between commas, and presents the token alone in a header of its own', async () => {
    const { fetch } = await pretendingProvider(() =>
      Response.json({ access_token: 'at', scope: 'read_orders,write_products', expires_in: 86399 }),
    )
    const auth = createClient({ ...client, fetch, ...presets.shopify({ shop: 'my-shop' }) })
    expect((await auth.getToken()).scope).toEqual(['read_orders', 'write_products'])
    const answer = await auth.fetch('https://my-shop.myshopify.com/admin/api/2026-01/shop.json')
    const headers = (await answer.json()) as Record<string, string>
    expect(headers['x-shopify-access-token']).toBe('at')
    expect(headers).not.toHaveProperty('authorization')
  })
})

describe('twitch', () => {
  it('has the client id go beside the token on every call', async () => {
    const { fetch } = await pretendingProvider(() =>
      Response.json({ access_token: 'at', expires_in: 100, token_type: 'bearer' }),
    )
    const preset = presets.twitch({ clientId: 'abc123' })
    const auth = createClient({ ...preset, clientSecret: 's3cret', fetch })
    expect((await auth.getToken()).presentation).toEqual({
      header: 'authorization',
      scheme: 'Bearer',
      headers: { 'client-id': 'abc123' },
    })
    const answer = await auth.fetch('https://api.twitch.tv/helix/streams')
    expect(await answer.json()).toMatchObject({ authorization: 'Bearer at' })
  })
})

describe('serviceNow', () => {
  it('takes the same token again, with a longer life', async () => {
    const lives = [100, 1799]
    const provider = await pretendingProvider(() =>
      Response.json({ ...plain, expires_in: lives.shift() }),
    )
    let now = 1_000_000
    const auth = createClient({
      ...client,
      ...presets.serviceNow({ instance: 'shop.service-now.com' }),
      fetch: provider.fetch,
      now: () => now,
    })
    await auth.getToken()
    now += 100_000
    const again = await auth.getToken()
    expect(again).toMatchObject({ value: 'at', expiresAt: now + 1_799_000 })
    await auth.getToken()
    expect(provider.requests).toHaveLength(2)
  })
})

describe('spotify', () => {
  it('writes Basic credentials as they are', async () => {
    const provider = await pretendingProvider(() => Response.json(plain))
    const options = { clientId: 'billing', clientSecret: 'a+b/c', fetch: provider.fetch }
    await createClient({ ...options, ...presets.spotify() }).getToken()
    const sent = provider.requests[0]?.headers.get('authorization') ?? ''
    expect(atob(sent.slice(6))).toBe('billing:a+b/c')
  })
})

describe('xsuaa', () => {
  it('asks the host for certificates where the connection is the proof', () => {
    const clientAuthentication = {
      method: 'tls_client_auth',
      authenticate: async () => undefined,
      fingerprint: async () => 'f',
      fetch,
    }
    const preset = presets.xsuaa({
      subdomain: 'shop',
      landscape: 'eu10.hana.ondemand.com',
      clientAuthentication,
    })
    expect(preset).toEqual({
      tokenEndpoint: 'https://shop.authentication.cert.eu10.hana.ondemand.com/oauth/token',
      clientAuthentication,
    })
  })
})

describe('curity', () => {
  it('finds the token endpoint and the method of a profile by its metadata', async () => {
    const profile = await server((request) => {
      const { origin, pathname } = new URL(request.url)
      const issuer = `${origin}/oauth/v2/oauth-anonymous`
      return pathname === '/.well-known/oauth-authorization-server/oauth/v2/oauth-anonymous'
        ? Response.json({
            issuer,
            token_endpoint: `${origin}/oauth/v2/oauth-token`,
            token_endpoint_auth_methods_supported: ['client_secret_post'],
          })
        : Response.json(plain)
    })
    const issuer = `${profile.origin}/oauth/v2/oauth-anonymous`
    await createClient({ ...client, ...presets.curity({ issuer }) }).getToken()
    expect(profile.requests.at(-1)).toMatchObject({
      path: '/oauth/v2/oauth-token',
      body: 'grant_type=client_credentials&client_id=billing&client_secret=s3cret',
    })
  })
})

describe('snowflake', () => {
  it('asks your own server for a role, and says with each call of which kind the token is', async () => {
    const sso = await server((request) => {
      const { origin, pathname } = new URL(request.url)
      return pathname.startsWith('/.well-known/')
        ? Response.json({ issuer: `${origin}/shop`, token_endpoint: `${origin}/token` })
        : pathname === '/token'
          ? Response.json(plain)
          : Response.json(Object.fromEntries(request.headers))
    })
    const preset = presets.snowflake({ issuer: `${sso.origin}/shop`, role: 'ANALYST' })
    const auth = createClient({ ...client, ...preset })
    const answer = await auth.fetch(`${sso.origin}/api/v2/statements`, { method: 'POST' })
    expect(await answer.json()).toMatchObject({
      authorization: 'Bearer at',
      'x-snowflake-authorization-token-type': 'OAUTH',
    })
    const asked = sso.requests.find(({ path }) => path === '/token')
    expect(new URLSearchParams(asked?.body).get('scope')).toBe('session:role:ANALYST')
  })
})

describe('authentik', () => {
  const account = (password: string | (() => string[])) =>
    presets.authentik({ address: 'https://sso.example.com', username: 'jöb', password })
  const secretIn = (body: string | undefined) =>
    Buffer.from(new URLSearchParams(body).get('client_secret') ?? '', 'base64').toString()

  it('sends name and app password of a service account as one secret', async () => {
    const provider = await pretendingProvider(() => Response.json(plain))
    const { fetch } = provider
    await createClient({ clientId: 'billing', fetch, ...account('p:w+/') }).getToken()
    const [request] = provider.requests
    expect(secretIn(request?.body)).toBe('jöb:p:w+/')
    expect(new URLSearchParams(request?.body).get('client_id')).toBe('billing')
    expect(request?.headers.has('authorization')).toBe(false)
  })

  it('tries the next app password where the first is refused', async () => {
    const provider = await pretendingProvider((form) =>
      secretIn(form.toString()) === 'jöb:next'
        ? Response.json(plain)
        : Response.json({ error: 'invalid_client' }, { status: 400 }),
    )
    const preset = account(() => ['first', 'next'])
    const { fetch } = provider
    const token = await createClient({ clientId: 'billing', fetch, ...preset }).getToken()
    expect(token.value).toBe('at')
    expect(provider.requests).toHaveLength(2)
  })

  it('shows no app password that the server quotes', async () => {
    const { fetch } = await pretendingProvider(() =>
      Response.json(
        { error: 'invalid_client', error_description: 'jöb with MARKER-PASSWORD is unknown' },
        { status: 400 },
      ),
    )
    const auth = createClient({ clientId: 'billing', fetch, ...account('MARKER-PASSWORD') })
    const failed: unknown = await auth.getToken().catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'ERR_REFUSED' })
    expect(inspect(failed, { depth: 9 }) + JSON.stringify(failed)).not.toContain('MARKER')
  })

  it('takes an assertion of a trusted source in place of the account', async () => {
    const provider = await pretendingProvider(() => Response.json(plain))
    const preset = presets.authentik({
      address: 'https://sso.example.com',
      clientAuthentication: federatedAssertion(() => 'a.b.c'),
    })
    const { fetch } = provider
    await createClient({ clientId: 'billing', fetch, ...preset }).getToken()
    const form = new URLSearchParams(provider.requests[0]?.body)
    expect(form.get('client_assertion')).toBe('a.b.c')
    expect(form.has('client_secret')).toBe(false)
  })
})

describe('presets with a private key', () => {
  it.each([
    [
      'oktaOrg',
      'https://shop.okta.com/oauth2/v1/token',
      (clientAuthentication: ReturnType<typeof privateKeyJwt>) =>
        presets.oktaOrg({
          domain: 'shop.okta.com',
          scope: 'okta.users.read',
          clientAuthentication,
        }),
    ],
    [
      'entra',
      'https://login.microsoftonline.com/t-1/oauth2/v2.0/token',
      (clientAuthentication: ReturnType<typeof privateKeyJwt>) =>
        presets.entra({ tenant: 't-1', scope: 'api://x/.default', clientAuthentication }),
    ],
    [
      'auth0',
      'https://shop.auth0.com/',
      (clientAuthentication: ReturnType<typeof privateKeyJwt>) =>
        presets.auth0({ domain: 'shop.auth0.com', audience: 'a', clientAuthentication }),
    ],
    [
      'keycloak',
      'https://sso.example.com/realms/shop',
      (clientAuthentication: ReturnType<typeof privateKeyJwt>) =>
        presets.keycloak({
          address: 'https://sso.example.com',
          realm: 'shop',
          clientAuthentication,
        }),
    ],
  ])('%s is sent an assertion for %s, and no secret', async (_, aud, preset) => {
    const provider = await pretendingProvider(() => Response.json(plain))
    const clientAuthentication = privateKeyJwt({ key: pem, alg: 'PS256' })
    const { fetch } = provider
    await createClient({ clientId: 'billing', fetch, ...preset(clientAuthentication) }).getToken()
    const form = new URLSearchParams(provider.requests[0]?.body)
    expect(form.has('client_secret')).toBe(false)
    expect(claimsOf(form.get('client_assertion') ?? '')).toMatchObject({ iss: 'billing', aud })
  })
})

describe('google', () => {
  it('trades an assertion of the service account for a token', async () => {
    const keyFile = {
      type: 'service_account',
      client_email: 'job@shop.iam.gserviceaccount.com',
      private_key: pem,
      private_key_id: 'k-1',
      token_uri: 'https://evil.example/token',
    }
    const provider = await pretendingProvider(() => Response.json({ ...plain, expires_in: 3599 }))
    const { getToken } = createClient({
      fetch: provider.fetch,
      ...presets.google({
        serviceAccount: keyFile,
        scope: 'https://www.googleapis.com/auth/pubsub',
        subject: 'ann@shop.example',
      }),
    })
    expect((await getToken()).value).toBe('at')
    expect(provider.asked).toEqual(['https://oauth2.googleapis.com/token'])
    const form = new URLSearchParams(provider.requests[0]?.body)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const claims = claimsOf(form.get('assertion') ?? '')
    expect(claims).toMatchObject({
      iss: 'job@shop.iam.gserviceaccount.com',
      sub: 'ann@shop.example',
      aud: 'https://oauth2.googleapis.com/token',
      scope: 'https://www.googleapis.com/auth/pubsub',
    })
    expect(Number(claims['exp']) - Number(claims['iat'])).toBeLessThanOrEqual(3600)
  })
})
