/**
 * The guard as Koa 3 middleware.
 *
 * @module
 */
export {
  guarded,
  type GuardedMiddleware,
  type GuardedState,
  type KoaContextLike,
} from './lib/adapters/koa-guarded.ts'
export { serveMetadata, type MetadataMiddleware } from './lib/adapters/koa-metadata.ts'
export type { NodeRequest } from './lib/adapters/node-request.ts'
