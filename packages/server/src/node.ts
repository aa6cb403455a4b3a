/**
 * The server on node:http.
 *
 * @module
 */
export { nodeListener } from './lib/http/node-listener.ts'
export { SERVER_LIMITS } from './lib/http/server-limits.ts'
