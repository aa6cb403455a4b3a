import { createServer } from 'node:http'
import { errors, Provider } from 'oidc-provider'

/** An oidc-provider with client credentials on, on a loopback port. */
export interface RunningOidcProvider extends AsyncDisposable {
  readonly issuer: string
  /** How many token requests it has answered. */
  tokenRequests(): number
}

/** The resource for which it issues JWTs; without a resource its tokens are opaque. */
export const API = 'https://api.example.test/orders'

/**
 * Starts an oidc-provider that knows two clients: `basic:client` and `post-client`, whose secret needs
 * encoding. Nothing of Countersign is in it.
 */
export async function startOidcProvider(secret: string): Promise<RunningOidcProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  const issuer = `http://127.0.0.1:${address.port}`
  const client = {
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'read write',
  }
  const provider = new Provider(issuer, {
    clients: [
      { ...client, client_id: 'basic:client', token_endpoint_auth_method: 'client_secret_basic' },
      { ...client, client_id: 'post-client', token_endpoint_auth_method: 'client_secret_post' },
    ],
    scopes: ['read', 'write', 'admin'],
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
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
  server.on('request', (request, response) => {
    if (request.url === '/token') tokenRequests++
    void callback(request, response)
  })
  return {
    issuer,
    tokenRequests: () => tokenRequests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
