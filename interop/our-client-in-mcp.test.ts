import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { mcpFetch, type McpFetchOptions } from '@countersign/client/mcp'

const run = promisify(execFile)
const packageOf = (name: string) =>
  dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)))

/** Runs a scenario of the conformance suite against our client program; gives what it printed. */
async function conformance(scenario: string): Promise<string> {
  const suite = join(packageOf('@modelcontextprotocol/conformance'), 'dist', 'index.js')
  const program = join(import.meta.dirname, 'mcp', 'client.ts')
  const command = `"${process.execPath}" -C @countersign/source "${program}"`
  const parameters = [suite, 'client', '--command', command, '--scenario', scenario]
  const { stdout, stderr } = await run(process.execPath, parameters)
  return stdout + stderr
}

describe('our client in the MCP conformance suite', () => {
  it.each([['auth/client-credentials-basic'], ['auth/client-credentials-jwt']])(
    'passes every check of %s [std:249] [std:253] [std:254] [std:257]',
    async (scenario) => {
      const report = await conformance(scenario)
      expect(report).toContain('Passed: 7/7, 0 failed, 0 warnings')
      expect(report).toContain('Sent 401 response for POST /mcp (method: ping)')
    },
  )
})

/** An MCP server and its authorization server; tokens that were revoked are refused. */
async function startMcp({
  resource = (origin: string): string => `${origin}/mcp`,
  pointer = true,
  places = ['/about-me'],
} = {}) {
  let issued = 0
  const revoked = new Set<string>()
  const tokens = await startLoopbackServer((request, { path }) => {
    const { origin } = new URL(request.url)
    return path === '/token'
      ? Response.json({ access_token: `token-${++issued}`, token_type: 'Bearer', expires_in: 600 })
      : Response.json({ issuer: origin, token_endpoint: `${origin}/token` })
  })
  onTestFinished(() => tokens.close())

  const server = await startLoopbackServer((request, { path, method, body }) => {
    const { origin } = new URL(request.url)
    if (places.includes(path)) {
      return Response.json({ resource: resource(origin), authorization_servers: [tokens.origin] })
    }
    if (path !== '/mcp') return new Response(null, { status: 404 })
    const token = request.headers.get('authorization')?.replace('Bearer ', '')
    if (token === undefined || revoked.has(token)) {
      const place = pointer ? `, resource_metadata="${origin}/about-me"` : ''
      const challenge = `Bearer error="invalid_token"${place}`
      return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } })
    }
    if (method !== 'POST') return new Response(null, { status: 405 })
    const { id, method: asked } = JSON.parse(body) as { id?: number; method: string }
    if (id === undefined) return new Response(null, { status: 202 })
    const result =
      asked === 'initialize'
        ? {
            protocolVersion: '2025-06-18',
            capabilities: { tools: {} },
            serverInfo: { name: 'echo', version: '1' },
          }
        : { tools: [{ name: token, inputSchema: { type: 'object' } }] }
    return Response.json({ jsonrpc: '2.0', id, result })
  })
  onTestFinished(() => server.close())
  return { server, tokens, revoked, url: `${server.origin}/mcp` }
}

async function connected(url: string, options: McpFetchOptions): Promise<Client> {
  const client = new Client({ name: 'countersign', version: '0.0.0' })
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: mcpFetch(url, options),
  })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

const credentials = { clientId: 'agent', clientSecret: 's3cret' }

describe('mcpFetch', () => {
  it('finds the authorization server, and asks for tokens for exactly this server [std:253]', async () => {
    const { url, tokens } = await startMcp()
    const client = await connected(url, {
      credentials: { [tokens.origin]: credentials },
      allowPrivateAddresses: true,
    })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['token-1'])
    const sent = tokens.requests.filter(({ path }) => path === '/token')
    expect(sent.map(({ body }) => new URLSearchParams(body).get('resource'))).toEqual([url])
  })

  it('renews a refused token once in the middle of a session, for calls at once', async () => {
    const { url, tokens, revoked } = await startMcp()
    const client = await connected(url, {
      credentials: { [tokens.origin]: credentials },
      allowPrivateAddresses: true,
    })
    await client.listTools()
    revoked.add('token-1')
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.listTools()))
    const names = answers.flatMap(({ tools }) => tools.map(({ name }) => name))
    expect(new Set(names)).toEqual(new Set(['token-2']))
    expect(tokens.requests.filter(({ path }) => path === '/token')).toHaveLength(2)
  })

  it.each([
    ['the bare origin', (origin: string) => origin],
    ['the bare origin with a slash', (origin: string) => `${origin}/`],
    ['its address with a slash', (origin: string) => `${origin}/mcp/`],
  ])('asks for tokens for %s where the server names itself so', async (_, resource) => {
    const { server, url, tokens } = await startMcp({ resource })
    const client = await connected(url, {
      credentials: { [tokens.origin]: credentials },
      allowPrivateAddresses: true,
    })
    await client.listTools()
    const [sent] = tokens.requests.filter(({ path }) => path === '/token')
    const asked = new URLSearchParams(sent?.body).get('resource')
    expect(asked).toBe(resource(server.origin))
  })

  it.each([
    ['another origin', () => 'https://api.example.com/mcp'],
    ['a path beside it', (origin: string) => `${origin}/mc`],
    ['a path below it', (origin: string) => `${origin}/mcp/below`],
    [
      'a host that begins the same',
      (origin: string) => `${origin.replace('http://', 'http://a@')}/`,
    ],
    ['an address with a query', (origin: string) => `${origin}/?mcp`],
    ['a path that only leads there', (origin: string) => `${origin}/other/..`],
  ])('asks for no token for %s', async (_, resource) => {
    const { url, tokens } = await startMcp({ resource })
    const options = { credentials: { [tokens.origin]: credentials }, allowPrivateAddresses: true }
    await expect(connected(url, options)).rejects.toMatchObject({ code: 'ERR_RESOURCE_MISMATCH' })
    expect(tokens.requests).toEqual([])
  })

  it('looks at the root where nothing is published for the path', async () => {
    const places = ['/.well-known/oauth-protected-resource']
    const resource = (origin: string): string => origin
    const { server, url, tokens } = await startMcp({ pointer: false, places, resource })
    const client = await connected(url, {
      credentials: { [tokens.origin]: credentials },
      allowPrivateAddresses: true,
    })
    await client.listTools()
    const asked = server.requests.map(({ path }) => path).filter((path) => path !== '/mcp')
    expect(asked).toEqual(['/.well-known/oauth-protected-resource/mcp', ...places])
  })

  it('gives its credentials to no authorization server that is not listed [std:255]', async () => {
    const { url, tokens } = await startMcp()
    await expect(
      connected(url, {
        credentials: { 'https://auth.example.com': credentials },
        allowPrivateAddresses: true,
      }),
    ).rejects.toMatchObject({ code: 'ERR_ISSUER_NOT_ALLOWED' })
    expect(tokens.requests).toEqual([])
  })

  it('looks again at the next call where discovery failed, and sends its tokens nowhere else', async () => {
    const { url, server, tokens } = await startMcp()
    let down = true
    const call = mcpFetch(url, {
      credentials: { [tokens.origin]: credentials },
      allowPrivateAddresses: true,
      fetch: async (input, init) => {
        if (down) throw new TypeError('fetch failed')
        return fetch(input, init)
      },
    })
    await expect(call(url)).rejects.toMatchObject({ code: 'ERR_NETWORK', retryable: true })
    down = false
    expect((await call(url)).status).toBe(405)
    await expect(call(`${tokens.origin}/`)).rejects.toMatchObject({
      code: 'ERR_ORIGIN_NOT_ALLOWED',
    })
    expect(server.requests.at(-1)?.headers.get('authorization')).toBe('Bearer token-1')
  })

  it('refuses wrong options before anything is sent', () => {
    expect(() => mcpFetch('https://mcp.example.com/mcp', {} as never)).toThrow('mcpFetch: ')
    expect(() => mcpFetch('https://mcp.example.com/mcp', undefined as never)).toThrow('mcpFetch: ')
    expect(() => mcpFetch('/mcp', { credentials: {} })).toThrow("mcpFetch: 'apiUrl'")
    expect(() =>
      mcpFetch('https://mcp.example.com/mcp', { credentials: {}, signal: undefined } as never),
    ).toThrow("'signal' belongs to a call")
  })
})
