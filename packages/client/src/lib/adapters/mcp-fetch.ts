import { ArgumentError } from '@countersign/protocol'
import type { Client } from '../create-client.ts'
import {
  clientFinder,
  type CreateClientForOptions,
} from '../zero-configuration/create-client-for.ts'
import type { ResourceProbe } from '../zero-configuration/resource-challenge.ts'
import { MCP_RESOURCE } from '../zero-configuration/resource-profile.ts'

/** `fetch` as the transports of the MCP SDK take it. */
export type McpFetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/**
 * A `fetch` for the transport of an MCP client: it finds the server's authorization server, asks it
 * for tokens for this MCP server, keeps and renews them, and attaches them.
 *
 * Tokens are asked for the resource that the server names: its address, or one of the same origin whose
 * path encloses it, as many servers name their bare origin. Where servers that do not trust each other
 * share an origin, that is one token for all: use `createClientFor`, which takes the address only.
 *
 * Hand it to the transport as `fetch`, without an `authProvider`. The discovery is made at the first
 * call, and made again at the next call where it failed. Where the authorization server is known
 * already, `createClient({ issuer, resource, … }).fetch` does as well.
 *
 * Throws: `ArgumentError`, before any I/O. Calls reject as `createClientFor` and
 * `authorizedFetch` do.
 * Source: MCP authorization 2025-11-25; SEP-1046 (client credentials).
 *
 * @example
 * const transport = new StreamableHTTPClientTransport(new URL('https://mcp.example.com/mcp'), {
 *   fetch: mcpFetch('https://mcp.example.com/mcp', {
 *     credentials: {
 *       'https://auth.example.com': { clientId: 'agent', clientSecret: fromEnv('CLIENT_SECRET') },
 *     },
 *   }),
 * })
 */
export function mcpFetch(serverUrl: string | URL, options: McpFetchOptions): McpFetch {
  if (typeof options === 'object' && options !== null && 'signal' in options) {
    const message = "mcpFetch: 'signal' belongs to a call, not to the options"
    throw new ArgumentError('ERR_ARGUMENT_UNKNOWN', 'signal', message)
  }
  const find = clientFinder(
    'mcpFetch',
    String(serverUrl),
    { probe: PING, ...options },
    MCP_RESOURCE,
  )
  let client: Client | undefined

  return async (input, init) => {
    // First calls that come together each look; all of them then go on with one client's token.
    if (client === undefined) {
      const found = await find()
      client ??= found
    }
    return client.fetch(input, init)
  }
}

/** A request that does nothing: servers guard the POST that carries messages, and not always the GET. */
const PING: ResourceProbe = {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  },
  body: '{"jsonrpc":"2.0","id":"ping","method":"ping"}',
}

/** As for `createClientFor`. */
export type McpFetchOptions = Omit<CreateClientForOptions, 'signal'>
