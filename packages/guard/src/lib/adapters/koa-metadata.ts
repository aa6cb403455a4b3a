import type { PublishedMetadata } from '../declaration/protected-resource.ts'
import { answerIn, type KoaContextLike } from './koa-guarded.ts'
import { metadataAnswers } from './metadata-answer.ts'

/** A Koa middleware that answers requests for metadata and passes every other one on. */
export type MetadataMiddleware = (
  context: KoaContextLike,
  next: () => Promise<unknown>,
) => Promise<void>

/**
 * Publishes the metadata of a resource: `app.use(serveMetadata(orders))`, before any guard.
 *
 * Throws: `TypeError` at once for what `protectedResource` did not make.
 */
export function serveMetadata(resource: PublishedMetadata): MetadataMiddleware {
  const answer = metadataAnswers(resource)
  return async (context, next) => {
    const found = answer(context.req.method ?? 'GET', context.req.url ?? '/')
    if (found === undefined) await next()
    else answerIn(context, found)
  }
}
