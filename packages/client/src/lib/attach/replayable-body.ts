/**
 * Whether a call can be sent a second time with the same arguments.
 *
 * Streams and iterables are gone once sent, and so is the body of a `Request`: copying them ahead
 * would hold every upload in memory for a retry that hardly ever comes.
 */
export function isReplayable(
  input: string | URL | Request,
  init: RequestInit | undefined,
): boolean {
  const body = init?.body
  if (body !== undefined && body !== null) {
    return (
      typeof body === 'string' ||
      body instanceof URLSearchParams ||
      body instanceof FormData ||
      body instanceof Blob ||
      body instanceof ArrayBuffer ||
      ArrayBuffer.isView(body)
    )
  }
  return !(input instanceof Request) || input.body === null
}
