import { readBoundedText } from '@countersign/protocol'

/** The little of a request that endpoints read. */
export interface IncomingRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  /** Names are asked for in lower case. A header that came several times is one text, with commas. */
  readonly headers: { get(name: string): string | null; has(name: string): boolean }
  /**
   * The body; `undefined` where it is longer than `maxBytes`. To be called once. Rejects where the
   * connection ended before all of it was there.
   */
  readText(maxBytes: number): Promise<string | undefined>
}

/** A web-standard request, as endpoints read it. */
export function fromRequest(request: Request): IncomingRequest {
  const { method, url, headers } = request
  return { method, url, headers, readText: (maxBytes) => readText(request, maxBytes) }
}

async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  // A body of a stated length cannot be longer than it says, so it needs no counting; `text()` is
  // several times quicker than reading the stream.
  const isStated = request.headers.has('content-length')
  const text = isStated ? await request.text() : await readBoundedText(request.body, maxBytes)
  // A caller inside the process may state any length.
  return text === undefined || text.length > maxBytes ? undefined : text
}
