import type { ServerOptions } from 'node:http'

/**
 * Limits of connections for `node:http` and `node:https`, tighter than Node's own: a request is a few
 * hundred bytes, and whoever sends it slowly holds a socket.
 *
 * @example `createServer(SERVER_LIMITS, nodeListener(server)).listen(8080)`
 */
export const SERVER_LIMITS: Readonly<ServerOptions> = Object.freeze({
  /** Headers that are not whole by then end the connection. */
  headersTimeout: 5000,
  /** A request that is not whole by then ends the connection. */
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  /** Longest header block, in bytes: larger ones are answered with 431. */
  maxHeaderSize: 16_384,
})
