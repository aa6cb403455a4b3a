import { dpop } from '@countersign/client/sender-constraint'
import { createClientFor } from '@countersign/client/zero-configuration'
import { protectedResource, type ProtectedResourceOptions } from '@countersign/guard'
import { guarded, serveMetadata } from '@countersign/guard/fetch'
import {
  startAuthorizationServer,
  startLoopbackServer,
  type LoopbackHandler,
} from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

const SCOPES = { 'orders:read': 'Read orders', 'orders:write': 'Change orders' }

/** An authorization server and an API, of which the client will be told the address only. */
async function startBoth(sender: Pick<ProtectedResourceOptions, 'dpop' | 'binding'> = {}) {
  let handler: LoopbackHandler = () => new Response(null, { status: 503 })
  const api = await startLoopbackServer((request, received) => handler(request, received))
  onTestFinished(() => api.close())
  const resource = `${api.origin}/orders`
  const authorizationServer = await startAuthorizationServer({
    resources: [{ resource, scopes: Object.keys(SCOPES) }],
    clients: [{ clientId: 'billing', grants: [{ resource, scopes: Object.keys(SCOPES) }] }],
  })
  onTestFinished(() => authorizationServer.close())
  const orders = protectedResource({
    resource,
    authorizationServers: [authorizationServer.issuer],
    scopes: SCOPES,
    ...sender,
  })
  const rule = { scope: { all: ['orders:read'] } } as const
  handler = serveMetadata(
    orders,
    guarded(orders.guard(), rule, (_, { principal, token }) =>
      Response.json({
        caller: principal.clientId,
        scopes: [...principal.scopes],
        aud: token.audience,
      }),
    ),
  )
  return { api, resource, authorizationServer }
}

describe('a client that knows the address of an API and nothing else', () => {
  it('finds the issuer, gets a token for this API and its scopes, and calls it [std:166] [std:171]', async () => {
    const { api, resource, authorizationServer } = await startBoth()
    const { issuer, client } = authorizationServer
    const auth = await createClientFor(resource, {
      credentials: { [issuer]: client },
      allowPrivateAddresses: true,
    })
    const response = await auth.fetch(resource)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      caller: 'billing',
      scopes: ['orders:read'],
      aud: [resource],
    })
    expect((await auth.fetch(`${resource}/17`)).status).toBe(200)
    expect(authorizationServer.tokenRequests).toBe(1)
    expect(api.requests.map(({ path }) => path)).toEqual([
      '/orders',
      '/.well-known/oauth-protected-resource/orders',
      '/orders',
      '/orders/17',
    ])
  })

  it('sends nothing secret where the API names an issuer it has no credentials for', async () => {
    const { api, resource, authorizationServer } = await startBoth()
    const found = createClientFor(resource, {
      credentials: { 'https://auth.example.com': authorizationServer.client },
      allowPrivateAddresses: true,
    })
    await expect(found).rejects.toMatchObject({ code: 'ERR_ISSUER_NOT_ALLOWED' })
    expect(authorizationServer.tokenRequests).toBe(0)
    expect(api.requests.filter(({ headers }) => headers.has('authorization'))).toEqual([])
  })

  it('is told that tokens must be bound, and binds them [std:170]', async () => {
    const { resource, authorizationServer } = await startBoth({ dpop: {}, binding: 'required' })
    const { issuer, client } = authorizationServer
    const plain = createClientFor(resource, {
      credentials: { [issuer]: client },
      allowPrivateAddresses: true,
    })
    await expect(plain).rejects.toMatchObject({ code: 'ERR_PROOF' })
    expect(authorizationServer.tokenRequests).toBe(0)
    const auth = await createClientFor(resource, {
      credentials: { [issuer]: { ...client, senderConstraint: dpop() } },
      allowPrivateAddresses: true,
    })
    const answers = [await auth.fetch(resource), await auth.fetch(`${resource}/17`)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(authorizationServer.tokenRequests).toBe(1)
  })
})
