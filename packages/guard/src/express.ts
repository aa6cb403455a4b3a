/**
 * The guard as Express 5 middleware.
 *
 * @module
 */
export { guarded, type GuardedHandler, type GuardedLocals } from './lib/adapters/express-guarded.ts'
export { serveMetadata, type MetadataHandler } from './lib/adapters/express-metadata.ts'
export type { NodeRequest, NodeResponse } from './lib/adapters/node-request.ts'
