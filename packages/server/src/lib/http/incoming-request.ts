import { readBoundedText } from '@countersign/protocol'
import { inTime } from '../in-time.ts'
import { ProtocolError } from '../protocol-error.ts'

/** The little of a request that endpoints read. */
export interface IncomingRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  /** Names are asked for in lower case. A header that came several times is one text, with commas. */
  readonly headers: { get(name: string): string | null; has(name: string): boolean }
  /**
   * The body. To be called once.
   *
   * Rejects with `ProtocolError`: it is longer than `maxBytes`, is not there after `timeout`
   * milliseconds, or the connection ended before all of it was there.
   */
  readText(maxBytes: number, timeout: number): Promise<string>
}

/** A web-standard request, as endpoints read it. */
export function fromRequest(request: Request): IncomingRequest {
  const { method, url, headers } = request
  return {
    method,
    url,
    headers,
    readText: (maxBytes, timeout) =>
      inTime(readText(request, maxBytes), timeout, () => new ProtocolError('body_late')),
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  // A body of a stated length cannot be longer than it says, so it needs no counting; `text()` is
  // several times quicker than reading the stream.
  const isStated = request.headers.has('content-length')
  const text = await (isStated ? request.text() : readBoundedText(request.body, maxBytes)).catch(
    () => {
      throw new ProtocolError('body_unreadable')
    },
  )
  // A caller inside the process may state any length.
  if (text === undefined || text.length > maxBytes) throw new ProtocolError('body_too_large')
  return text
}
