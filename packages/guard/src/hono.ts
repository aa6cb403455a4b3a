/**
 * The guard as Hono 4 middleware.
 *
 * @module
 */
export { guarded, type GuardedEnv } from './lib/adapters/hono-guarded.ts'
export { serveMetadata } from './lib/adapters/hono-metadata.ts'
