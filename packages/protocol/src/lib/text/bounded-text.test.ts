import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBoundedText } from './bounded-text.ts'

function stream(
  chunks: readonly Uint8Array[],
  source: UnderlyingDefaultSource<Uint8Array> = {},
): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++]
      if (chunk === undefined) controller.close()
      else controller.enqueue(chunk)
    },
    ...source,
  })
}

describe('readBoundedText', () => {
  it('gives the same text however the bytes are cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 5 }),
        async (text, size) => {
          const bytes = new TextEncoder().encode(`|${text}`)
          const chunks: Uint8Array[] = []
          for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size))
          expect(await readBoundedText(stream(chunks), bytes.length)).toBe(`|${text}`)
        },
      ),
    )
  })

  it('reads a missing body as the empty text', async () => {
    expect(await readBoundedText(null, 10)).toBe('')
  })

  it('counts bytes, not characters', async () => {
    const euro = new TextEncoder().encode('€€')
    expect(await readBoundedText(stream([euro]), 6)).toBe('€€')
    expect(await readBoundedText(stream([euro]), 5)).toBeUndefined()
  })

  it('stops an endless body at the cap and cancels the rest', async () => {
    let pulled = 0
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(100))
      },
      cancel() {
        cancelled = true
        // A peer that never answers the cancel must not hold the reader.
        return new Promise(() => {})
      },
    })
    expect(await readBoundedText(endless, 1000)).toBeUndefined()
    expect(cancelled).toBe(true)
    expect(pulled).toBeLessThan(15)
  })

  it('rejects when the stream itself fails', async () => {
    const broken = stream([], {
      pull() {
        throw new Error('connection lost')
      },
    })
    await expect(readBoundedText(broken, 10)).rejects.toThrow('connection lost')
  })
})
