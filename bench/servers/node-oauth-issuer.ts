import { timingSafeEqual } from 'node:crypto'
import OAuth2Server from '@node-oauth/oauth2-server'
import express from 'express'
import { announce } from '../lib/child-server.ts'
import { listen } from './form-server.ts'
import { tokenRequestText } from './token-request-text.ts'

// A toolkit: its clients and tokens come from a model, here the barest there can be. Opaque tokens only.
const secret = 'csgn_0123456789012345678901234567890123456789012345678'
const client = { id: 'billing', grants: ['client_credentials'] }
const tokens = new Map<string, OAuth2Server.Token>()
const server = new OAuth2Server({
  model: {
    getClient: async (_id: string, presented: string) =>
      presented.length === secret.length &&
      timingSafeEqual(Buffer.from(presented), Buffer.from(secret)) &&
      client,
    getUserFromClient: async () => ({}),
    validateScope: async (_user: unknown, _client: unknown, scope?: string[]) => scope ?? [],
    saveToken: async (token: OAuth2Server.Token) => {
      const saved = { ...token, client, user: {} }
      tokens.set(token.accessToken, saved)
      return saved
    },
    getAccessToken: async (accessToken: string) => tokens.get(accessToken),
  },
})

// On Express, which is what it is made for.
const app = express()
app.use(express.urlencoded({ extended: false }))
app.post('/token', async (incoming, outgoing) => {
  const response = new OAuth2Server.Response(outgoing)
  await server.token(new OAuth2Server.Request(incoming), response)
  outgoing
    .set(response.headers)
    .status(response.status ?? 500)
    .json(response.body)
})
const port = await listen(app)
announce({ port, requests: [tokenRequestText('billing', secret)] })
