/** Bytes that are handed over at a time: with the most that deflate can do they become 4 MiB. */
const PIECE = 4096

/**
 * The bytes that were deflated into `data`, in the format of zlib; `undefined` where there are more than
 * `maxBytes`, or where `data` is broken or longer than its content.
 *
 * It stops at the bound: what would become larger is not inflated any further.
 * Source: RFC 1950; RFC 1951.
 */
export async function inflateZlib(
  data: Uint8Array<ArrayBuffer>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const reader = inPieces(data).pipeThrough(new DecompressionStream('deflate')).getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return joined(chunks, size)
      size += value.byteLength
      if (size > maxBytes) {
        reader.cancel().catch(() => {})
        return undefined
      }
      chunks.push(value)
    }
  } catch {
    return undefined
  }
}

/** Each piece is taken when the one before has been inflated. */
function inPieces(data: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let from = 0
  return new ReadableStream(
    {
      pull(controller) {
        if (from < data.length) controller.enqueue(data.subarray(from, (from += PIECE)))
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
