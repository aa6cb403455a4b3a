import { generateKeyPairSync, timingSafeEqual } from 'node:crypto'
import {
  AuthorizationServer,
  DateInterval,
  type JwtInterface,
  type OAuthClient,
} from '@jmondi/oauth2-server'
import { handleExpressResponse, requestFromExpress } from '@jmondi/oauth2-server/express'
import express from 'express'
import jsonwebtoken from 'jsonwebtoken'
import { announce } from '../lib/child-server.ts'
import { listen } from './form-server.ts'
import { tokenRequestText } from './token-request-text.ts'

// A toolkit: its clients, scopes and tokens come from repositories, here the barest there can be. Its
// own JWT service knows HS256 alone, so it is given the library below that, with a key of
// its own. Argument: ES256 or RS256.
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
const algorithm = process.argv[2] === 'RS256' ? 'RS256' : 'ES256'
const { privateKey } =
  algorithm === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
const header = { typ: 'at+jwt', alg: algorithm, kid: 'peer-key-0123456789' }
const jwt: JwtInterface = {
  sign: async (payload) => jsonwebtoken.sign(payload, privateKey, { algorithm, header }),
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

// On Express, by its own adapter, as its documentation has it.
const app = express()
app.use(express.urlencoded({ extended: false }))
app.post('/token', async (request, response) => {
  const answer = await server.respondToAccessTokenRequest(requestFromExpress(request))
  handleExpressResponse(response, answer)
})
const port = await listen(app)
announce({ port, requests: [tokenRequestText('billing', secret)] })
