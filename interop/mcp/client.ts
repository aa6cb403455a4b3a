/**
 * An MCP client of ours, as the conformance suite starts it: the server's address is the last
 * argument, who it is stands in `MCP_CONFORMANCE_CONTEXT`.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { privateKeyJwt } from '@countersign/client/authentication'
import { mcpFetch, type IssuerCredentials } from '@countersign/client/mcp'

interface Context {
  readonly client_id: string
  readonly client_secret?: string
  readonly private_key_pem?: string
  readonly signing_algorithm?: string
}

const serverUrl = process.argv.at(-1) ?? ''
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Context

function ownCredentials(): IssuerCredentials {
  const { client_id: clientId, client_secret: clientSecret } = context
  if (clientSecret !== undefined) return { clientId, clientSecret }
  const { private_key_pem: key = '', signing_algorithm: alg = 'ES256' } = context
  return { clientId, clientAuthentication: privateKeyJwt({ key, alg: alg as 'ES256' }) }
}

// The suite starts its authorization server on a port of its own choice and tells nobody.
const isLoopback = (issuer: string) => new URL(issuer).hostname === 'localhost'
const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
  fetch: mcpFetch(serverUrl, {
    credentials: (issuer) => (isLoopback(issuer) ? ownCredentials() : undefined),
    allowPrivateAddresses: true,
  }),
})
const client = new Client({ name: 'countersign', version: '0.0.0' })
await client.connect(transport)
await client.listTools()
await client.close()
