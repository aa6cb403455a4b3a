import type { PublishedMetadata } from '../declaration/protected-resource.ts'
import { sendReply, type FastifyReplyLike, type FastifyRequestLike } from './fastify-guarded.ts'
import { metadataAnswers } from './metadata-answer.ts'

/** A Fastify hook that answers requests for metadata and lets every other one go on. */
export type MetadataHook = (
  request: FastifyRequestLike,
  reply: FastifyReplyLike,
) => Promise<unknown>

/**
 * Publishes the metadata of a resource: `app.addHook('onRequest', serveMetadata(orders))` on the root,
 * before any guard.
 *
 * A hook and not a route, so that a guard that is a hook of the root does not stand before it.
 * Throws: `TypeError` at once for what `protectedResource` did not make.
 */
export function serveMetadata(resource: PublishedMetadata): MetadataHook {
  const answer = metadataAnswers(resource)
  return async (request, reply) => {
    const found = answer(request.raw.method ?? 'GET', request.raw.url ?? '/')
    return found && sendReply(reply, found)
  }
}
