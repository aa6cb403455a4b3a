/**
 * The guard before an MCP server made with the official SDK.
 *
 * @module
 */
export { serveMetadata, type MetadataHandler } from './lib/adapters/express-metadata.ts'
export { authInfo, type GuardedAuthInfo } from './lib/adapters/mcp-auth-info.ts'
export { guarded, type McpHandler } from './lib/adapters/mcp-guarded.ts'
export {
  tokenVerifier,
  type McpAuthErrors,
  type TokenVerifier,
} from './lib/adapters/mcp-token-verifier.ts'
export type { NodeRequest, NodeResponse } from './lib/adapters/node-request.ts'
