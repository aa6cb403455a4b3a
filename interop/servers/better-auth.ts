import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

/** A better-auth server with its OAuth provider on: its issuer has a path. */
export interface RunningBetterAuth extends AsyncDisposable {
  readonly issuer: string
  /** The resource its tokens may be for. */
  readonly resource: string
  /** Registers a machine client; gives its identifier and secret. */
  register(
    client: Readonly<Record<string, unknown>>,
  ): Promise<{ clientId: string; clientSecret: string }>
}

/** Starts it on a loopback port. Nothing of Countersign is in it. */
export async function startBetterAuth(): Promise<RunningBetterAuth> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  const origin = `http://127.0.0.1:${address.port}`
  const resource = 'https://api.example.test/orders'
  const tables = Object.fromEntries(TABLES.map((name) => [name, [] as unknown[]]))
  // Its types and its plugin's do not fit each other in these versions.
  const auth = betterAuth({
    baseURL: origin,
    secret: 'a secret of the server, long enough for it',
    database: memoryAdapter(tables as never),
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true },
    disabledPaths: ['/token'],
    plugins: [
      jwt({ jwks: { keyPairConfig: { alg: 'ES256' } } }),
      oauthProvider({
        loginPage: '/login',
        consentPage: '/consent',
        scopes: ['openid', 'read', 'write'],
        grantTypes: ['client_credentials', 'authorization_code', 'refresh_token'],
        clientPrivileges: () => true,
        resourcePrivileges: () => true,
      }) as never,
    ],
  })
  const handler = toNodeHandler(auth)
  const api = auth.api as unknown as BetterAuthApi
  server.on('request', (request, response) => {
    if (request.url === '/.well-known/oauth-authorization-server/api/auth') {
      void api.getOAuthServerConfig({}).then((metadata) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(metadata))
      })
    } else void handler(request, response)
  })
  const { headers: signedUp } = await api.signUpEmail({
    returnHeaders: true,
    body: { name: 'Admin', email: 'admin@example.test', password: 'correct horse battery' },
  })
  const headers = new Headers({ cookie: signedUp.get('set-cookie')?.split(';')[0] ?? '' })
  await api.adminCreateOAuthResource({
    headers,
    body: {
      identifier: resource,
      name: 'Orders',
      scopes: ['read', 'write'],
      allowedScopes: ['read', 'write'],
    },
  })
  return {
    issuer: `${origin}/api/auth`,
    resource,
    async register(client) {
      const made = await api.adminCreateOAuthClient({
        headers,
        body: {
          grant_types: ['client_credentials'],
          client_credentials_scopes: ['read', 'write'],
          ...client,
        },
      })
      await api.adminLinkClientResource({
        headers,
        params: { identifier: encodeURIComponent(resource), client_id: made.client_id },
      })
      return { clientId: made.client_id, clientSecret: made.client_secret }
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The calls that are made here, as its documentation has them. */
interface BetterAuthApi {
  getOAuthServerConfig(input: object): Promise<unknown>
  signUpEmail(input: object): Promise<{ readonly headers: Headers }>
  adminCreateOAuthResource(input: object): Promise<unknown>
  adminCreateOAuthClient(
    input: object,
  ): Promise<{ readonly client_id: string; readonly client_secret: string }>
  adminLinkClientResource(input: object): Promise<unknown>
}

const TABLES = [
  'user',
  'session',
  'account',
  'verification',
  'jwks',
  'oauthClient',
  'oauthResource',
  'oauthClientResource',
  'oauthClientAssertion',
  'oauthAccessToken',
  'oauthRefreshToken',
  'oauthConsent',
]
