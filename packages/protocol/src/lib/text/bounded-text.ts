/**
 * Reads a body as UTF-8 text, at most `maxBytes` of it: the cap that comes before any parsing.
 *
 * Gives `undefined` when the body is longer; the rest is then cancelled, not read. A missing body
 * is the empty text. Rejects only when the stream itself fails.
 */
export async function readBoundedText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string | undefined> {
  if (body === null) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > maxBytes) {
      // The peer may never answer a cancel; nobody needs to wait for it.
      reader.cancel().catch(() => {})
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}
