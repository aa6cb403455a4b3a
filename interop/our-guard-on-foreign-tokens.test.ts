import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '@countersign/client'
import { dpop } from '@countersign/client/sender-constraint'
import { createGuard, type GuardOptions, type Principal } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { startAuthorizationServer } from '@countersign/testkit'
import { startBetterAuth, type RunningBetterAuth } from './servers/better-auth.ts'
import {
  JWT_API,
  OPAQUE_API,
  startIntrospectedOidcProvider,
  type IntrospectedOidcProvider,
} from './servers/oidc-provider-introspected.ts'

const SECRET = 'a-secret-of-no-other-use'
/** What our API is to oidc-provider. */
const ASKING = { clientId: 'orders-api', clientSecret: SECRET }

let provider: IntrospectedOidcProvider
let betterAuth: RunningBetterAuth
beforeAll(async () => {
  provider = await startIntrospectedOidcProvider(SECRET)
  betterAuth = await startBetterAuth()
}, 60_000)
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await betterAuth[Symbol.asyncDispose]()
})

/** An API on a socket, which says who called. */
async function startApi(options: Partial<GuardOptions>): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const guard = createGuard({
    audience: JWT_API,
    ...options,
    ...(options.dpop && { dpop: { ...options.dpop, baseUrl: origin } }),
  })
  const rule = { scope: { all: ['read'] } }
  server.on(
    'request',
    guarded(guard, rule, (_, response, { principal, token }) => {
      response.end(JSON.stringify({ ...said(principal), issuer: token.issuer, id: token.id }))
    }),
  )
  return origin
}

function said({ kind, clientId, scopes }: Principal): object {
  return { kind, clientId, scopes: [...scopes] }
}

function clientOf(clientId: string, resource: string, bound = false) {
  return createClient({
    issuer: provider.issuer,
    clientId,
    clientSecret: SECRET,
    resource,
    scope: 'read',
    ...(bound && { senderConstraint: dpop() }),
  })
}

/** What an API says to a token that is sent by hand. */
async function send(origin: string, token: string, scheme = 'Bearer'): Promise<string> {
  const response = await fetch(origin, { headers: { authorization: `${scheme} ${token}` } })
  await response.text()
  return `${response.status} ${response.headers.get('www-authenticate') ?? ''}`
}

describe('our guard on live tokens of oidc-provider', () => {
  it('takes a JWT for its API, found by discovery, and none for another', async () => {
    const origin = await startApi({ issuer: provider.issuer })
    const auth = clientOf('billing', JWT_API)
    const response = await auth.fetch(origin)
    expect(await response.json()).toMatchObject({
      kind: 'client',
      clientId: 'billing',
      scopes: ['read'],
      issuer: provider.issuer,
    })
    const elsewhere = await startApi({ issuer: provider.issuer, audience: OPAQUE_API })
    expect(await send(elsewhere, (await auth.getToken()).value)).toMatch(/^401 .*for another API"/)
  })

  it('takes an opaque token by asking, once for many calls, and none for another API', async () => {
    const options = { issuer: provider.issuer, introspection: ASKING }
    const origin = await startApi({ ...options, audience: OPAQUE_API })
    const auth = clientOf('billing', OPAQUE_API)
    const before = provider.questions()
    for (let call = 0; call < 5; call++) {
      expect(await (await auth.fetch(origin)).json()).toMatchObject({
        kind: 'client',
        clientId: 'billing',
        scopes: ['read'],
      })
    }
    expect(provider.questions()).toBe(before + 1)
    const { value } = await auth.getToken()
    expect(await send(await startApi(options), value)).toMatch(/^401 .*for another API"/)
    expect(await send(origin, 'no-token-of-anybody')).toMatch(/^401 .*not active"/)
  })

  it('learns that a token was revoked as soon as its answer is over', async () => {
    let now = Date.now()
    const origin = await startApi({
      issuer: provider.issuer,
      audience: OPAQUE_API,
      introspection: { ...ASKING, maxAge: 1000 },
      now: () => now,
    })
    const { value } = await clientOf('billing', OPAQUE_API).getToken()
    expect(await send(origin, value)).toBe('200 ')
    const revoked = await fetch(`${provider.issuer}/token/revocation`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`billing:${SECRET}`)}` },
      body: new URLSearchParams({ token: value }),
    })
    expect(revoked.status).toBe(200)
    now += 1000
    expect(await send(origin, value)).toMatch(/^401 .*not active"/)
  })

  it.each([
    ['a JWT', JWT_API],
    ['an opaque token', OPAQUE_API],
  ])('takes %s that is bound by DPoP with its proof alone', async (_what, audience) => {
    const origin = await startApi({
      issuer: provider.issuer,
      audience,
      introspection: ASKING,
      binding: 'required',
      dpop: {},
    })
    const auth = clientOf('bound-billing', audience, true)
    for (let call = 0; call < 2; call++) {
      expect(await (await auth.fetch(origin)).json()).toMatchObject({ clientId: 'bound-billing' })
    }
    const { value } = await auth.getToken()
    expect(await send(origin, value)).toMatch(/^401 DPoP .*error="invalid_token"/)
    expect(await send(origin, value, 'DPoP')).toMatch(/^401 DPoP .*error="invalid_dpop_proof"/)
    const plain = await clientOf('billing', audience).getToken()
    expect(await send(origin, plain.value)).toMatch(/^401 DPoP .*error="invalid_token"/)
  })

  it('takes none of its RS256 tokens under fapi2, bound or not', async () => {
    const origin = await startApi({ issuer: provider.issuer, profile: 'fapi2', dpop: {} })
    const { value } = await clientOf('bound-billing', JWT_API, true).getToken()
    expect(await send(origin, value, 'DPoP')).toMatch(/^401 .*algorithm that is not accepted here"/)
  })
})

describe('our guard on live tokens of better-auth', () => {
  async function clientFor(resource?: string) {
    const credentials = await betterAuth.register({
      token_endpoint_auth_method: 'client_secret_basic',
    })
    const auth = createClient({
      issuer: betterAuth.issuer,
      ...credentials,
      scope: 'read',
      ...(resource !== undefined && { resource }),
    })
    return { auth, ...credentials }
  }

  it('takes a JWT by the keys that it publishes, and by asking about all', async () => {
    const { auth, clientId } = await clientFor(betterAuth.resource)
    const api = await betterAuth.register({ token_endpoint_auth_method: 'client_secret_basic' })
    for (const introspection of [undefined, { ...api, tokens: 'all' as const }]) {
      const origin = await startApi({
        issuer: betterAuth.issuer,
        audience: betterAuth.resource,
        ...(introspection && { introspection }),
      })
      const response = await auth.fetch(origin)
      expect(await response.json()).toMatchObject({
        kind: 'client',
        clientId,
        issuer: betterAuth.issuer,
      })
    }
  })

  it('takes no opaque token, which it lets nobody ask about but the client itself', async () => {
    const { auth } = await clientFor()
    const api = await betterAuth.register({ token_endpoint_auth_method: 'client_secret_basic' })
    const origin = await startApi({
      issuer: betterAuth.issuer,
      audience: betterAuth.resource,
      introspection: api,
    })
    expect(await send(origin, (await auth.getToken()).value)).toMatch(/^401 .*not active"/)
  })
})

describe('our guard with three issuers at once', () => {
  it('knows the callers of oidc-provider, better-auth and our own server by their tokens', async () => {
    await using ours = await startAuthorizationServer({
      resources: [{ resource: JWT_API, scopes: ['read'] }],
    })
    const credentials = await betterAuth.register({
      token_endpoint_auth_method: 'client_secret_basic',
    })
    const origin = await startApi({
      issuers: [
        { issuer: provider.issuer, introspection: ASKING, audience: [JWT_API, OPAQUE_API] },
        { issuer: betterAuth.issuer },
        { issuer: ours.issuer },
      ],
    })
    const clients = [
      clientOf('billing', JWT_API),
      clientOf('billing', OPAQUE_API),
      createClient({
        issuer: betterAuth.issuer,
        ...credentials,
        scope: 'read',
        resource: betterAuth.resource,
      }),
      createClient({ issuer: ours.issuer, ...ours.client, scope: 'read', resource: JWT_API }),
    ]
    const callers: unknown[] = []
    for (const auth of clients) callers.push(await (await auth.fetch(origin)).json())
    expect(callers).toMatchObject([
      { clientId: 'billing', issuer: provider.issuer },
      { clientId: 'billing', issuer: provider.issuer },
      { clientId: credentials.clientId, issuer: betterAuth.issuer },
      { clientId: ours.client.clientId, issuer: ours.issuer },
    ])
  })
})
