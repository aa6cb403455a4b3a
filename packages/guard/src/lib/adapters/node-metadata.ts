/// <reference types="node" preserve="true" />
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PublishedMetadata } from '../declaration/protected-resource.ts'
import { metadataAnswers } from './metadata-answer.ts'
import { sendAnswer, type NodeRequest, type NodeResponse } from './node-request.ts'

/**
 * Puts the metadata of a resource before a node:http listener, which meets every other request.
 *
 * Throws: `TypeError` at once for what `protectedResource` did not make.
 */
export function serveMetadata<
  Request extends NodeRequest = IncomingMessage,
  Response extends NodeResponse = ServerResponse,
>(
  resource: PublishedMetadata,
  listener: (request: Request, response: Response) => void,
): (request: Request, response: Response) => void {
  const answer = metadataAnswers(resource)
  return (request, response) => {
    const found = answer(request.method ?? 'GET', request.url ?? '/')
    if (found === undefined) listener(request, response)
    else sendAnswer(response, found)
  }
}
