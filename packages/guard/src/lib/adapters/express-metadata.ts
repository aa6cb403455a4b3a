import type { PublishedMetadata } from '../declaration/protected-resource.ts'
import { metadataAnswers } from './metadata-answer.ts'
import { sendAnswer, type NodeRequest, type NodeResponse } from './node-request.ts'

/** An Express middleware that answers requests for metadata and passes every other one on. */
export type MetadataHandler = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Publishes the metadata of a resource: `app.use(serveMetadata(orders))`, before any guard and not
 * below a path, since its own path is below the origin.
 *
 * Throws: `TypeError` at once for what `protectedResource` did not make.
 */
export function serveMetadata(resource: PublishedMetadata): MetadataHandler {
  const answer = metadataAnswers(resource)
  return (request, response, next) => {
    const found = answer(request.method ?? 'GET', request.url ?? '/')
    if (found === undefined) next()
    else sendAnswer(response, found)
  }
}
