/**
 * The guard as a Fastify 5 hook.
 *
 * @module
 */
export {
  guarded,
  type FastifyReplyLike,
  type FastifyRequestLike,
  type GuardedHook,
} from './lib/adapters/fastify-guarded.ts'
export { serveMetadata, type MetadataHook } from './lib/adapters/fastify-metadata.ts'
export type { NodeRequest } from './lib/adapters/node-request.ts'
