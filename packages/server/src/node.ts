/**
 * The server on node:http.
 *
 * @module
 */
export { nodeListener } from './lib/http/node-listener.ts'
