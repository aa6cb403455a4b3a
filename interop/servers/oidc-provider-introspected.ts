import { createServer } from 'node:http'
import { errors, Provider } from 'oidc-provider'

/** An oidc-provider whose tokens an API may ask about, on a loopback port. */
export interface IntrospectedOidcProvider extends AsyncDisposable {
  readonly issuer: string
  /** How many questions it has answered. */
  questions(): number
}

/** The resource for which it issues JWTs. */
export const JWT_API = 'https://api.example.test/orders'
/** The resource for which it issues opaque tokens. */
export const OPAQUE_API = 'https://api.example.test/invoices'

/**
 * Starts an oidc-provider that knows the clients `billing` and, with nothing but bound tokens,
 * `bound-billing`, and the API `orders-api`, which alone may ask. Nothing of Countersign is in it.
 */
export async function startIntrospectedOidcProvider(
  secret: string,
): Promise<IntrospectedOidcProvider> {
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
      { ...client, client_id: 'billing' },
      { ...client, client_id: 'bound-billing', dpop_bound_access_tokens: true },
      { ...client, client_id: 'orders-api', grant_types: [] },
    ],
    scopes: ['read', 'write'],
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7) },
      revocation: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_, asking) => asking.clientId === 'orders-api',
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_, resource) {
          if (resource === JWT_API) {
            return {
              scope: 'read write',
              audience: resource,
              accessTokenFormat: 'jwt',
              jwt: { sign: { alg: 'RS256' } },
            }
          }
          if (resource !== OPAQUE_API) throw new errors.InvalidTarget()
          return { scope: 'read write', audience: resource, accessTokenFormat: 'opaque' }
        },
      },
    },
  })
  let questions = 0
  const callback = provider.callback()
  server.on('request', (request, response) => {
    if (request.url === '/token/introspection') questions++
    void callback(request, response)
  })
  return {
    issuer,
    questions: () => questions,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
