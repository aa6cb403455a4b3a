import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Agent, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient, type FetchFunction } from '@countersign/client'
import {
  certificateBound,
  certificateThumbprint,
  dpop,
} from '@countersign/client/sender-constraint'
import {
  createGuard,
  type DpopOptions,
  type GuardEvent,
  type GuardOptions,
} from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/stores/memory'
import { startAuthorizationServer } from '@countersign/testkit'
import { makeTestPki, type Identity, type TestPki } from './servers/test-pki.ts'

const API = 'https://api.example.test/orders'
const SECRET = 'a nonce secret of 32 bytes or more'
const pki = await makeTestPki()

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  })
  return (server.address() as AddressInfo).port
}

/** An API on a port of its own, and what its guard said. */
async function startApi(
  issuer: string,
  dpopOptions: DpopOptions,
  options: Partial<GuardOptions> = {},
) {
  const events: GuardEvent[] = []
  const server = createServer()
  const origin = `http://127.0.0.1:${await listening(server)}`
  const guard = createGuard({
    issuer,
    audience: API,
    dpop: { baseUrl: origin, ...dpopOptions },
    onEvent: (event) => events.push(event),
    ...options,
  })
  server.on(
    'request',
    guarded(guard, { scope: { all: ['orders:read'] } }, (_, response, { principal }) => {
      response.end(principal.clientId)
    }),
  )
  const denials = (): unknown[] =>
    events.flatMap((one) => (one.type === 'denied' ? [one.reason] : []))
  return { origin, denials }
}

async function startIssuer(senderConstraint: 'none' | 'dpop' = 'dpop') {
  const running = await startAuthorizationServer({
    resources: [{ resource: API, scopes: ['orders:read'], senderConstraint }],
  })
  onTestFinished(() => running.close())
  return running
}

describe('our guard, our client and our server, by DPoP', () => {
  it('auth.fetch calls an API that takes bound tokens only [std:214] [std:222]', async () => {
    const { issuer, client } = await startIssuer()
    const api = await startApi(issuer, {}, { binding: 'required' })
    const auth = createClient({ issuer, ...client, resource: API, senderConstraint: dpop() })
    for (const path of ['/orders/1?page=2', '/', '/a%20b/c']) {
      const response = await auth.fetch(`${api.origin}${path}`)
      expect([response.status, await response.text()]).toEqual([200, 'billing'])
    }
    expect(api.denials()).toEqual([])
    const { value } = await auth.getToken()
    const stolen = await fetch(api.origin, { headers: { authorization: `Bearer ${value}` } })
    expect(stolen.status).toBe(401)
    expect(api.denials()).toEqual(['dpop_required'])
  })

  it('auth.fetch learns the nonce that is demanded, once [std:212] [std:224]', async () => {
    const { issuer, client } = await startIssuer()
    const api = await startApi(issuer, { nonces: { secrets: [SECRET] } })
    const auth = createClient({ issuer, ...client, resource: API, senderConstraint: dpop() })
    for (let call = 0; call < 5; call++) {
      expect((await auth.fetch(api.origin, { method: 'POST', body: 'x' })).status).toBe(200)
    }
    expect(api.denials()).toEqual(['dpop_no_nonce'])
  })

  it('refuses the bearer token of a server that binds none, where it must be bound', async () => {
    const { issuer, client } = await startIssuer('none')
    const api = await startApi(issuer, {}, { binding: 'required' })
    const auth = createClient({ issuer, ...client, resource: API })
    expect((await auth.fetch(api.origin)).status).toBe(401)
    expect(new Set(api.denials())).toEqual(new Set(['binding_required']))
  })
})

describe.runIf(pki !== undefined)('our guard, our client and our server, by certificates', () => {
  const { ca, server: tls, client: mine, otherClient: other } = (pki ?? {}) as TestPki

  function connection(identity: Identity | undefined): FetchFunction {
    const dispatcher = new Agent({ connect: { ...identity, ca } })
    onTestFinished(() => dispatcher.close())
    return (input, init) =>
      undiciFetch(input as never, {
        ...(init as object),
        dispatcher,
      }) as unknown as Promise<Response>
  }

  it('auth.fetch calls an API by its certificate, and nobody else does with its token [std:127] [std:133]', async () => {
    const tlsOptions = { ...tls, ca, requestCert: true, rejectUnauthorized: false }
    const store = memoryStore()
    const masterKeys = [generateMasterKey()]
    const administration = createAdministration({ store, masterKeys })
    const scopes = ['orders:read']
    await administration.createResource({ resource: API, scopes, senderConstraint: 'certificate' })
    const { secret } = await administration.createClient({ clientId: 'billing' })
    await administration.grant({ clientId: 'billing', resource: API, scopes })
    const asSocket = createTlsServer(tlsOptions)
    const issuer = `https://127.0.0.1:${await listening(asSocket)}`
    const server = createAuthorizationServer({
      issuer,
      store,
      masterKeys,
      clientCertificates: 'connection',
    })
    await server.ready()
    onTestFinished(() => server.close())
    asSocket.on('request', nodeListener(server))

    const events: GuardEvent[] = []
    const guard = createGuard({
      issuer,
      audience: API,
      binding: 'required',
      certificates: 'connection',
      fetch: connection(undefined),
      onEvent: (event) => events.push(event),
    })
    const apiSocket = createTlsServer(tlsOptions)
    const api = `https://127.0.0.1:${await listening(apiSocket)}/orders`
    apiSocket.on(
      'request',
      guarded(guard, { scope: { all: ['orders:read'] } }, (_, response, { principal }) => {
        response.end(principal.clientId)
      }),
    )

    const fetch = connection(mine)
    const thumbprint = await certificateThumbprint(mine.cert)
    const auth = createClient({
      issuer,
      clientId: 'billing',
      clientSecret: secret.reveal(),
      resource: API,
      fetch,
      senderConstraint: certificateBound({ fetch, thumbprint }),
    })
    const response = await auth.fetch(api)
    expect([response.status, await response.text()]).toEqual([200, 'billing'])

    const { value } = await auth.getToken()
    const headers = { authorization: `Bearer ${value}` }
    expect((await connection(other)(api, { headers })).status).toBe(401)
    expect((await connection(undefined)(api, { headers })).status).toBe(401)
    expect(events.flatMap((one) => (one.type === 'denied' ? [one.reason] : []))).toEqual([
      'certificate_mismatch',
      'certificate_missing',
    ])
  })
})
