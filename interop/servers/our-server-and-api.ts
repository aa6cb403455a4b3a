import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type Administration,
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type NewCredential,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/stores/memory'
import { Agent, fetch as undiciFetch } from 'undici'
import type { TestPki } from './test-pki.ts'

/** The resource that the API stands for. */
export const RESOURCE = 'https://api.example.test/orders'

/** An authorization server of ours and an API behind our guard, each on a socket of its own. */
export interface OurServerAndApi extends AsyncDisposable {
  readonly issuer: string
  /** Answers a caller with `orders:read` with its name and scopes, as JSON. */
  readonly api: string
  /** May read and write orders. Its secret is a generated one. */
  readonly client: { readonly clientId: string; readonly clientSecret: string }
  readonly server: AuthorizationServer
  readonly administration: Administration
  /** Registers another client that may do the same. Gives its secret where the server made one. */
  addClient(clientId: string, credential: NewCredential): Promise<string | undefined>
}

/** Starts both on loopback; over TLS with the certificates of `pki`, asking callers for theirs. */
export async function startOurServerAndApi(
  pki?: TestPki,
  options: Pick<AuthorizationServerOptions, 'assertionAudience'> = {},
): Promise<OurServerAndApi> {
  const store = memoryStore()
  const masterKeys = [generateMasterKey()]
  const administration = createAdministration({ store, masterKeys })
  const clientId = 'billing'
  const scopes = ['orders:read', 'orders:write']
  await administration.createResource({ resource: RESOURCE, scopes })
  const { secret } = await administration.createClient({ clientId })
  await administration.grant({ clientId, resource: RESOURCE, scopes })

  const serverSocket = await listening(pki)
  const apiSocket = await listening(pki)
  const issuer = originOf(serverSocket, pki)
  const server = createAuthorizationServer({
    issuer,
    store,
    masterKeys,
    followInterval: 50,
    ...(pki && { clientCertificates: 'connection' }),
    ...options,
  })
  await server.ready()
  serverSocket.on('request', nodeListener(server))
  const trusting = pki && new Agent({ connect: { ca: pki.ca } })
  const guard = createGuard({
    issuer,
    audience: RESOURCE,
    ...(trusting && {
      fetch: (input, init) =>
        undiciFetch(input as never, {
          ...(init as object),
          dispatcher: trusting,
        }) as unknown as Promise<Response>,
    }),
  })
  const listener: RequestListener = guarded(
    guard,
    { scope: { all: ['orders:read'] } },
    (_request, response, { principal }) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ caller: principal.clientId, scopes: [...principal.scopes] }))
    },
  )
  apiSocket.on('request', listener)
  return {
    issuer,
    api: `${originOf(apiSocket, pki)}/orders`,
    client: { clientId, clientSecret: secret.reveal() },
    server,
    administration,
    async addClient(added, credential) {
      const made = await administration.createClient({ clientId: added, credential })
      await administration.grant({ clientId: added, resource: RESOURCE, scopes })
      await server.refresh()
      return made.secret?.reveal()
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([serverSocket, apiSocket].map(closed))
      await trusting?.close()
      await server.close()
      await store.close()
    },
  }
}

async function listening(pki: TestPki | undefined): Promise<Server> {
  const server =
    pki === undefined
      ? createServer()
      : // Any certificate passes the handshake: whether it is the right one is for the endpoint.
        createTlsServer({ ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: false })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function originOf(server: Server, pki: TestPki | undefined): string {
  const { port } = server.address() as AddressInfo
  return `${pki === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
