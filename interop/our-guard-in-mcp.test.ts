import { mcpFetch } from '@countersign/client/mcp'
import { createGuard, protectedResource, type ProtectedResource } from '@countersign/guard'
import * as forFetch from '@countersign/guard/fetch'
import {
  authInfo,
  guarded,
  serveMetadata,
  tokenVerifier,
  type GuardedAuthInfo,
  type TokenVerifier,
} from '@countersign/guard/mcp'
import {
  startAuthorizationServer,
  startListener,
  startLoopbackServer,
  type LoopbackHandler,
  type LoopbackServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import * as errors from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import type { OAuthTokenVerifier } from '@modelcontextprotocol/sdk/server/auth/provider.js'
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import express from 'express'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'

const RULE = { scope: { all: ['tools:call'] } } as const
type Mcp = ProtectedResource<'tools:call'>
type Declare = (api: LoopbackServer) => Promise<Mcp>

/** An MCP server of the SDK with one tool, which says what it knows of its caller. */
function whoAmI(): McpServer {
  const server = new McpServer({ name: 'who', version: '1' })
  server.registerTool('whoami', {}, ({ authInfo: known }) => {
    const { token, clientId, scopes, resource, extra } = known as AuthInfo
    const { principal } = extra as GuardedAuthInfo['extra']
    const seen = { token, clientId, scopes, resource, kind: principal.kind }
    return { content: [{ type: 'text', text: JSON.stringify(seen) }] }
  })
  return server
}

async function answer(request: express.Request, response: express.Response): Promise<void> {
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  await whoAmI().connect(transport)
  await transport.handleRequest(request, response, request.body)
}

/** Ways in which an MCP server at `/mcp` is guarded. */
const SERVERS: Readonly<Record<string, (declare: Declare) => Promise<LoopbackServer>>> = {
  async 'our middleware'(declare) {
    const app = express()
    const api = await startListener(app)
    const mcp = await declare(api)
    app.use(serveMetadata(mcp))
    app.post('/mcp', guarded(mcp.guard(), RULE), express.json(), answer)
    return api
  },
  async "the SDK's middleware with our verifier"(declare) {
    const app = express()
    const api = await startListener(app)
    const mcp = await declare(api)
    app.use(serveMetadata(mcp))
    const auth = requireBearerAuth({
      verifier: tokenVerifier(mcp.guard(), RULE, errors),
      resourceMetadataUrl: mcp.metadataUrl,
      expectedResource: new URL(mcp.resource),
    })
    app.post('/mcp', auth, express.json(), answer)
    return api
  },
  async 'a fetch handler'(declare) {
    let handler: LoopbackHandler = () => new Response(null, { status: 503 })
    const api = await startLoopbackServer((request, received) => handler(request, received))
    const mcp = await declare(api)
    handler = forFetch.serveMetadata(
      mcp,
      forFetch.guarded(mcp.guard(), RULE, async (request, caller) => {
        const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
        await whoAmI().connect(transport)
        return transport.handleRequest(request, { authInfo: authInfo(caller) })
      }),
    )
    return api
  },
}

interface Started {
  readonly url: string
  readonly authorizationServer: RunningAuthorizationServer
}

async function start(
  serve: (declare: Declare) => Promise<LoopbackServer>,
  granted: readonly string[] = ['tools:call'],
): Promise<Started> {
  const started: Partial<{ -readonly [Name in keyof Started]: Started[Name] }> = {}
  const api = await serve(async ({ origin }) => {
    const resource = `${origin}/mcp`
    const authorizationServer = await startAuthorizationServer({
      resources: [{ resource, scopes: ['tools:call', 'tools:list'] }],
      clients: [{ clientId: 'agent', grants: [{ resource, scopes: granted }] }],
    })
    onTestFinished(() => authorizationServer.close())
    Object.assign(started, { url: resource, authorizationServer })
    return protectedResource({
      resource,
      authorizationServers: [authorizationServer.issuer],
      scopes: { 'tools:call': 'Call tools' },
    })
  })
  onTestFinished(() => api.close())
  return started as Started
}

/** Connects the SDK's client; gives what the tool knew. */
async function whoami(
  url: string,
  options: ConstructorParameters<typeof StreamableHTTPClientTransport>[1],
): Promise<unknown> {
  const client = new Client({ name: 'agent', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options))
  onTestFinished(() => client.close())
  const { content } = await client.callTool({ name: 'whoami' })
  return JSON.parse((content as [{ readonly text: string }])[0].text)
}

/**
 * A `fetch` for the SDK's own client, which takes metadata only of servers with an authorization
 * endpoint; it never calls that for this grant.
 */
async function withAuthorizationEndpoint(
  input: string | URL,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, init)
  if (!new URL(input).pathname.endsWith('/oauth-authorization-server')) return response
  const metadata = (await response.json()) as Record<string, unknown>
  const authorization_endpoint = `${new URL(input).origin}/none`
  return Response.json({ ...metadata, authorization_endpoint, response_types_supported: [] })
}

function ourFetch({ url, authorizationServer }: Started): ReturnType<typeof mcpFetch> {
  const { issuer, client } = authorizationServer
  return mcpFetch(url, { credentials: { [issuer]: client }, allowPrivateAddresses: true })
}

describe.each(Object.entries(SERVERS))('an MCP server behind %s', (_, serve) => {
  it('tells its tools who is calling, by our client [std:171] [std:253]', async () => {
    const started = await start(serve)
    expect(await whoami(started.url, { fetch: ourFetch(started) })).toEqual({
      token: '',
      clientId: 'agent',
      scopes: ['tools:call'],
      resource: started.url,
      kind: 'client',
    })
    expect(started.authorizationServer.tokenRequests).toBe(1)
  })

  it("is found and called by the SDK's own client", async () => {
    const { url, authorizationServer } = await start(serve)
    const { client, issuer } = authorizationServer
    const authProvider = new ClientCredentialsProvider({ ...client, expectedIssuer: issuer })
    expect(await whoami(url, { authProvider, fetch: withAuthorizationEndpoint })).toMatchObject({
      clientId: 'agent',
      scopes: ['tools:call'],
    })
  })

  it('refuses no token, a wrong one and one without the scope', async () => {
    const { url, authorizationServer } = await start(serve, ['tools:list'])
    const { tokenEndpoint, client } = authorizationServer
    const issued = await fetch(tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.clientId,
        client_secret: client.clientSecret,
        resource: url,
      }),
    })
    const { access_token: token } = (await issued.json()) as { access_token: string }
    const call = (headers: Record<string, string>): Promise<Response> =>
      fetch(url, { method: 'POST', body: '{}', headers })
    const answers = [
      await call({}),
      await call({ authorization: 'Bearer junk' }),
      await call({ authorization: `Bearer ${token}` }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403])
    for (const { headers } of answers) {
      expect(headers.get('www-authenticate')).toContain('resource_metadata="http://127.0.0.1:')
    }
    expect(answers[2]?.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
  })
})

describe('tokenVerifier', () => {
  it('fits the SDK, and gives its own AuthInfo', () => {
    expectTypeOf<TokenVerifier>().toExtend<OAuthTokenVerifier>()
    expectTypeOf<GuardedAuthInfo>().toExtend<AuthInfo>()
  })

  it("throws the SDK's errors, an outage as one of the server", async () => {
    const down = createGuard({
      issuer: 'https://as.example',
      audience: 'https://mcp.example/mcp',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    })
    const { verifyAccessToken } = tokenVerifier(down, {}, errors)
    await expect(verifyAccessToken('junk')).rejects.toBeInstanceOf(errors.InvalidTokenError)
    const header = { alg: 'ES256', typ: 'at+jwt', kid: 'k' }
    const token = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.AAAA`
    await expect(verifyAccessToken(token)).rejects.toBeInstanceOf(errors.ServerError)
  })
})
