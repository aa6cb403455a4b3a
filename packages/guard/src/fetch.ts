/**
 * The guard before a handler from `Request` to `Response`.
 *
 * @module
 */
export { guarded } from './lib/adapters/fetch-guarded.ts'
export { serveMetadata } from './lib/adapters/fetch-metadata.ts'
