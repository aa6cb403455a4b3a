import { X509Certificate } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { errors, Provider } from 'oidc-provider'

/** An oidc-provider that gives bound tokens only, on a loopback port. */
export interface BoundOidcProvider extends AsyncDisposable {
  readonly issuer: string
  /** How many token requests it has answered. */
  tokenRequests(): number
  /** The statuses of its answers to token requests, in order. */
  readonly statuses: readonly number[]
}

/** What tokens are bound to, and how. */
export interface BoundOidcProviderOptions {
  readonly secret: string
  /** Whether proofs must hold a nonce of the server's. */
  readonly requireNonce?: boolean
  /** With it, the server speaks https and binds tokens to the client's certificate, not by DPoP. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** The resource for which it issues JWTs. */
export const API = 'https://api.example.test/orders'

/** Starts an oidc-provider that knows `dpop-client` or `mtls-client`. Nothing of Countersign is in it. */
export async function startBoundOidcProvider({
  secret,
  requireNonce = false,
  tls,
}: BoundOidcProviderOptions): Promise<BoundOidcProvider> {
  const server =
    tls === undefined
      ? createServer()
      : createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  const issuer = `http${tls === undefined ? '' : 's'}://127.0.0.1:${address.port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: tls === undefined ? 'dpop-client' : 'mtls-client',
        client_secret: secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        scope: 'read write',
        ...(tls === undefined
          ? { dpop_bound_access_tokens: true }
          : { tls_client_certificate_bound_access_tokens: true }),
      },
    ],
    scopes: ['read', 'write'],
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: {
        enabled: tls === undefined,
        nonceSecret: Buffer.alloc(32, 7),
        requireNonce: () => requireNonce,
      },
      mTLS: {
        enabled: tls !== undefined,
        certificateBoundAccessTokens: tls !== undefined,
        getCertificate: (ctx) => certificateOf(ctx.req.socket as TLSSocket),
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_, resource) {
          if (resource !== API) throw new errors.InvalidTarget()
          return {
            scope: 'read write',
            audience: resource,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }
        },
      },
    },
  })
  const statuses: number[] = []
  const callback = provider.callback()
  const listener: RequestListener = (request, response) => {
    if (request.url === '/token') response.on('finish', () => statuses.push(response.statusCode))
    void callback(request, response)
  }
  server.on('request', listener)
  return {
    issuer,
    statuses,
    tokenRequests: () => statuses.length,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function certificateOf(socket: TLSSocket): X509Certificate | undefined {
  const { raw } = socket.getPeerCertificate() as { raw?: Buffer }
  return raw === undefined ? undefined : new X509Certificate(raw)
}
