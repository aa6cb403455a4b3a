import { describe, expect, it } from 'vitest'
import { boundedAnswer } from './bounded-answer.ts'

const url = new URL('https://as.example/token')
/** A `fetch` that does not look at its signal, as some wrappers do not. */
const deaf = () => new Promise<Response>(() => {})

describe('boundedAnswer', () => {
  it('ends at its deadline even where `fetch` does not', async () => {
    const asking = boundedAnswer(url, {}, { fetch: deaf, timeout: 20, phase: 'token' })
    await expect(asking).rejects.toMatchObject({ code: 'ERR_TIMEOUT', retryable: true })
  })

  it('ends at its deadline even where the body never does', async () => {
    const fetch = async () =>
      new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))
    const asking = boundedAnswer(url, {}, { fetch, timeout: 20, phase: 'token' })
    await expect(asking).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  it('ends with the reason of its caller, who need not wait for `fetch`', async () => {
    const leaving = new AbortController()
    const asking = boundedAnswer(
      url,
      {},
      { fetch: deaf, timeout: 60_000, phase: 'token', signal: leaving.signal },
    )
    const reason = new Error('left')
    leaving.abort(reason)
    await expect(asking).rejects.toBe(reason)
  })
})
