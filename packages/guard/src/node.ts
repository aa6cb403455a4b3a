/**
 * The guard before a node:http listener.
 *
 * @module
 */
export { guarded } from './lib/adapters/node-guarded.ts'
export { serveMetadata } from './lib/adapters/node-metadata.ts'
export type { NodeRequest, NodeResponse } from './lib/adapters/node-request.ts'
