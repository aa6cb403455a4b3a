import { timingSafeEqual } from 'node:crypto'
import {
  AuthorizationServer,
  DateInterval,
  OAuthRequest,
  type JwtInterface,
  type OAuthClient,
} from '@jmondi/oauth2-server'
import { announce } from '../lib/child-server.ts'
import { bareSigner } from './bare-jwt.ts'
import { serveForms } from './form-server.ts'
import { tokenRequestText } from './token-request-text.ts'

// A toolkit: its clients, scopes and tokens come from repositories, here the barest there can be. Its
// own JWT service signs with HS256, so it is given the floor's signature. Argument: ES256 or RS256.
const secret = 'csgn_0123456789012345678901234567890123456789012345678'
const scope = { name: 'orders:read' }
const client: OAuthClient = {
  id: 'billing',
  name: 'billing',
  secret,
  redirectUris: [],
  allowedGrants: ['client_credentials'],
  scopes: [scope],
}
const sign = bareSigner(process.argv[2] ?? 'ES256')
const jwt: JwtInterface = {
  sign: async (payload) => sign(payload as object),
  decode: () => null,
  verify: () => Promise.reject(new Error('this server only issues')),
}
const none = (): Promise<never> => Promise.reject(new Error('this server only issues'))
const server = new AuthorizationServer(
  {
    getByIdentifier: async () => client,
    isClientValid: async (_grant, _client, presented = '') =>
      presented.length === secret.length &&
      timingSafeEqual(Buffer.from(presented), Buffer.from(secret)),
  },
  {
    issueToken: async () => ({
      accessToken: crypto.randomUUID(),
      accessTokenExpiresAt: new Date(Date.now() + 3_600_000),
      client,
      scopes: [scope],
    }),
    persist: async () => {},
    issueRefreshToken: none,
    revoke: none,
    isRefreshTokenRevoked: none,
    getByRefreshToken: none,
  },
  {
    getAllByIdentifiers: async (names) => names.map((name) => ({ name })),
    finalize: async (scopes) => scopes,
  },
  jwt,
  { issuer: 'http://127.0.0.1' },
)
server.enableGrantType('client_credentials', new DateInterval('1h'))

const port = await serveForms(async ({ headers: { authorization } }, form) => {
  const request = new OAuthRequest({ headers: { authorization }, body: Object.fromEntries(form) })
  const response = await server.respondToAccessTokenRequest(request)
  return { status: response.status, body: JSON.stringify(response.body) }
})
announce({ port, requests: [tokenRequestText('billing', secret)] })
