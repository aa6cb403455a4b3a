import { parseJsonObject, type JsonObject } from '@countersign/protocol'
import { fetchText, type FetchedText, type FetchTextOptions } from './fetch-text.ts'
import { LoadFailure } from './load-failure.ts'

/** A JSON document as its server sent it. */
export interface FetchedJson extends Omit<FetchedText, 'body'> {
  /** `undefined` when the server says that the document named by `etag` still stands (304). */
  readonly body: JsonObject | undefined
}

export type FetchJsonOptions = Omit<FetchTextOptions, 'isWanted' | 'maxBytes'>

/** Longest document that is read, in bytes. */
export const MAX_DOCUMENT: number = 512 * 1024

/**
 * Fetches a JSON object, with caps before parsing: 512 KiB, no redirects, JSON media types only.
 *
 * A connection that breaks before there is an answer is tried once more: it may have been kept alive
 * here, and closed over there.
 *
 * Throws: `LoadFailure`, whatever went wrong.
 * Source: RFC 9110 sections 8.8.3, 9.2.2 and 13.1.2; RFC 9111 sections 4.2 and 5.2.
 */
export async function fetchJson(url: string, options: FetchJsonOptions): Promise<FetchedJson> {
  const fetched = await fetchText(url, { ...options, isWanted: isJson, maxBytes: MAX_DOCUMENT })
  if (fetched.body === undefined) return { ...fetched, body: undefined }
  const body = parseJsonObject(fetched.body)
  if (!body.ok) throw new LoadFailure('not_json')
  return { ...fetched, body: body.value }
}

/** `application/json`, and structured ones such as `application/jwk-set+json`. */
function isJson(mediaType: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json$/.test(mediaType)
}
