/**
 * Tokens for the transports of the Model Context Protocol's SDK.
 *
 * @module
 */
export { mcpFetch, type McpFetch, type McpFetchOptions } from './lib/adapters/mcp-fetch.ts'
export {
  type CreateClientForOptions,
  type IssuerCredentials,
} from './lib/zero-configuration/create-client-for.ts'
