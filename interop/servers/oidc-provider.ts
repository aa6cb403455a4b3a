import { X509Certificate } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { errors, Provider, type ClientMetadata, type Configuration } from 'oidc-provider'
import type { TestPki } from './test-pki.ts'

/** An oidc-provider with client credentials on, on a loopback port. */
export interface RunningOidcProvider extends AsyncDisposable {
  readonly issuer: string
  /** How many token requests it has answered. */
  tokenRequests(): number
}

/** The resource for which it issues JWTs; without a resource its tokens are opaque. */
export const API = 'https://api.example.test/orders'

/** What every client of it has, save its name and its way to authenticate. */
const CLIENT = {
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: 'read write',
} satisfies Partial<ClientMetadata>

/**
 * Starts an oidc-provider that knows two clients: `basic:client` and `post-client`, whose secret needs
 * encoding. Nothing of Countersign is in it.
 */
export function startOidcProvider(secret: string): Promise<RunningOidcProvider> {
  return startOidcProviderFor([
    {
      client_id: 'basic:client',
      client_secret: secret,
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      client_id: 'post-client',
      client_secret: secret,
      token_endpoint_auth_method: 'client_secret_post',
    },
  ])
}

/**
 * Starts an oidc-provider for these clients. With `pki` it speaks https, and a second port, named in
 * its metadata as the alias for mutual TLS, asks clients for their certificate.
 */
export async function startOidcProviderFor(
  clients: readonly ClientMetadata[],
  pki?: TestPki,
): Promise<RunningOidcProvider> {
  const tls = pki && { ...pki.server, ca: pki.ca }
  const server = await listening(tls)
  // Any certificate passes the handshake: whether it is one of the authority's is for the provider.
  const mutual = tls && (await listening({ ...tls, requestCert: true, rejectUnauthorized: false }))
  const issuer = addressOf(server, pki)
  const provider = new Provider(issuer, {
    clients: clients.map((client) => ({ ...CLIENT, ...client })),
    scopes: ['read', 'write', 'admin'],
    ttl: { ClientCredentials: 600 },
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      ...(mutual ? (['tls_client_auth', 'self_signed_tls_client_auth'] as const) : []),
    ],
    ...(mutual && {
      discovery: { mtls_endpoint_aliases: { token_endpoint: `${addressOf(mutual, pki)}/token` } },
    }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      ...(mutual && { mTLS: MUTUAL_TLS }),
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        getResourceServerInfo(_, resource) {
          if (resource !== API) throw new errors.InvalidTarget()
          return {
            scope: 'read write admin',
            audience: resource,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }
        },
      },
    },
  })
  let tokenRequests = 0
  const callback = provider.callback()
  const listener: RequestListener = (request, response) => {
    if (request.url === '/token') tokenRequests++
    void callback(request, response)
  }
  const servers = mutual === undefined ? [server] : [server, mutual]
  for (const one of servers) one.on('request', listener)
  return {
    issuer,
    tokenRequests: () => tokenRequests,
    [Symbol.asyncDispose]: async () => {
      for (const one of servers) {
        await new Promise<void>((resolve) => {
          one.close(() => resolve())
          one.closeAllConnections()
        })
      }
    },
  }
}

const MUTUAL_TLS: NonNullable<Configuration['features']>['mTLS'] = {
  enabled: true,
  tlsClientAuth: true,
  selfSignedTlsClientAuth: true,
  getCertificate: ({ req }) => {
    const { raw } = (req.socket as TLSSocket).getPeerCertificate()
    return raw === undefined ? undefined : new X509Certificate(raw).toString()
  },
  certificateAuthorized: ({ req }) => (req.socket as TLSSocket).authorized,
  certificateSubjectMatches: ({ req }, property, expected) =>
    property === 'tls_client_auth_san_dns' &&
    (req.socket as TLSSocket).getPeerCertificate().subjectaltname === `DNS:${expected}`,
}

async function listening(tls: ServerOptions | undefined): Promise<Server> {
  const server = tls === undefined ? createServer() : createTlsServer(tls)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function addressOf(server: Server, pki: TestPki | undefined): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return `${pki === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`
}
