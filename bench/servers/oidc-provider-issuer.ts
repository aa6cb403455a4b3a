import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider, type JWK } from 'oidc-provider'
import { announce } from '../lib/child-server.ts'
import { tokenRequestText } from './token-request-text.ts'

// oidc-provider as its documentation sets it up, its adapter in memory. Argument: ES256, RS256 or opaque.
const kind = process.argv[2] ?? 'ES256'
const secret = 'csgn_0123456789012345678901234567890123456789012345678'
const API = 'https://api.example.test/orders'

const server = createServer({ keepAliveTimeout: 60_000 })
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'billing',
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: algorithm(),
      scope: 'orders:read',
    },
  ],
  scopes: ['orders:read'],
  jwks: { keys: [signingKey()] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: 'orders:read',
        audience: resource,
        ...(kind === 'opaque'
          ? { accessTokenFormat: 'opaque' }
          : { accessTokenFormat: 'jwt', jwt: { sign: { alg: algorithm() } } }),
      }),
    },
  },
})
const callback = provider.callback()
server.on('request', (request, response) => void callback(request, response))
announce({ port, requests: [tokenRequestText('billing', secret)] })

function algorithm(): 'ES256' | 'RS256' {
  return kind === 'RS256' ? 'RS256' : 'ES256'
}

function signingKey(): JWK {
  const { privateKey } =
    algorithm() === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), alg: algorithm(), use: 'sig' }
}
