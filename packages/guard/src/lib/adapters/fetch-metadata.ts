import type { PublishedMetadata } from '../declaration/protected-resource.ts'
import { toResponse } from './answer.ts'
import { metadataAnswers } from './metadata-answer.ts'

/**
 * Puts the metadata of a resource before a fetch handler, which meets every other request.
 *
 * Throws: `TypeError` at once for what `protectedResource` did not make.
 */
export function serveMetadata(
  resource: PublishedMetadata,
  handler: (request: Request) => Response | Promise<Response>,
): (request: Request) => Promise<Response> {
  const answer = metadataAnswers(resource)
  return async (request) => {
    const found = answer(request.method, request.url)
    return found === undefined ? handler(request) : toResponse(found)
  }
}
