import type { MiddlewareHandler } from 'hono'
import type { PublishedMetadata } from '../declaration/protected-resource.ts'
import { toResponse } from './answer.ts'
import { metadataAnswers } from './metadata-answer.ts'

/**
 * Publishes the metadata of a resource: `app.use(serveMetadata(orders))`, before any guard.
 *
 * Throws: `TypeError` at once for what `protectedResource` did not make.
 */
export function serveMetadata(resource: PublishedMetadata): MiddlewareHandler {
  const answer = metadataAnswers(resource)
  return async (c, next) => {
    const found = answer(c.req.method, c.req.url)
    if (found !== undefined) return toResponse(found)
    await next()
    return undefined
  }
}
