import { createServer, request as httpsRequest } from 'node:https'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type Administration,
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type ServerEvent,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/testkit'
import { CA, SERVER, type Identity } from './test-certificates.ts'
import { ORDERS } from './two-apis.ts'

/** An authorization server that ends TLS itself and asks clients for certificates. */
export interface TlsServer extends AsyncDisposable {
  readonly issuer: string
  readonly server: AuthorizationServer
  readonly administration: Administration
  readonly events: readonly ServerEvent[]
  /** Posts a form, by default to `/token` with `grant_type`, on a connection of its own. */
  post(
    form: Readonly<Record<string, string>>,
    options?: {
      readonly identity?: Identity
      readonly headers?: Record<string, string>
      readonly path?: string
    },
  ): Promise<{ readonly status: number; readonly json: Record<string, unknown> }>
}

/** Starts one on loopback, with the resource {@link ORDERS}. Certificates of {@link CA} are trusted. */
export async function startTlsServer(
  options: Partial<AuthorizationServerOptions> = {},
): Promise<TlsServer> {
  const events: ServerEvent[] = []
  const store = memoryStore()
  const masterKeys = [generateMasterKey()]
  const administration = createAdministration({ store, masterKeys })
  await administration.createResource({ resource: ORDERS, scopes: ['orders:read'] })
  let listener: ReturnType<typeof nodeListener> | undefined
  const https = createServer(
    { ...SERVER, ca: CA, requestCert: true, rejectUnauthorized: false },
    (incoming, outgoing) => listener?.(incoming, outgoing),
  )
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
  const { port } = https.address() as { readonly port: number }
  const issuer = `https://127.0.0.1:${port}`
  const server = createAuthorizationServer({
    clientCertificates: 'connection',
    ...options,
    issuer,
    store,
    masterKeys,
    onEvent: (event) => void events.push(event),
  })
  listener = nodeListener(server)
  await server.ready()
  return {
    issuer,
    server,
    administration,
    events,
    post: (form, { identity, headers, path = '/token' } = {}) =>
      post(issuer + path, form, { ...identity, headers: headers ?? {} }),
    async [Symbol.asyncDispose]() {
      https.closeAllConnections()
      await new Promise((resolve) => https.close(resolve))
      await server.close()
    },
  }
}

function post(
  url: string,
  form: Readonly<Record<string, string>>,
  options: { readonly key?: string; readonly cert?: string; headers: Record<string, string> },
): Promise<{ status: number; json: Record<string, unknown> }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString()
  const headers = { ...options.headers, 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      { ...options, headers, method: 'POST', ca: CA, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
