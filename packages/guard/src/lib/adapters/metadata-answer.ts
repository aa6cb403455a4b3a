import type { PublishedMetadata } from '../declaration/protected-resource.ts'
import type { Answer } from './answer.ts'

/** An answer of the metadata's own. */
type MetadataAnswer = Answer<200 | 204 | 405>

/**
 * Answers requests for the metadata of a resource; `undefined` for any other request, whose address
 * may be a path or whole.
 *
 * The document is public: it may be kept for five minutes and read by scripts of any origin, with the
 * headers they like, such as `MCP-Protocol-Version`.
 * Throws: `TypeError` for what `protectedResource` did not make.
 * Source: RFC 9728 sections 3.1 and 3.2.
 */
export function metadataAnswers({
  metadata,
  metadataUrl,
}: PublishedMetadata): (method: string, url: string) => MetadataAnswer | undefined {
  const path = new URL(metadataUrl).pathname
  const shared = [
    ['access-control-allow-origin', '*'],
    ['access-control-allow-headers', '*'],
    ['access-control-allow-methods', 'GET, HEAD'],
  ] as const
  const body = JSON.stringify(metadata)
  const found: MetadataAnswer = {
    status: 200,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'public, max-age=300'],
      ...shared,
    ],
    body,
  }
  const head: MetadataAnswer = { ...found, body: '' }
  const preflight: MetadataAnswer = { status: 204, headers: shared, body: '' }
  const refused: MetadataAnswer = {
    status: 405,
    headers: [['allow', 'GET, HEAD, OPTIONS'], ...shared],
    body: '',
  }

  return (method, url) => {
    if (pathOf(url) !== path) return undefined
    if (method === 'GET') return found
    if (method === 'HEAD') return head
    return method === 'OPTIONS' ? preflight : refused
  }
}

function pathOf(url: string): string | undefined {
  return /^(?:[a-z][a-z\d+.-]*:\/\/[^/?#]*)?([^?#]*)/i.exec(url)?.[1]
}
