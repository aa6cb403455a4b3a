import { isTokenError } from '../errors/token-error.ts'
import { waitFor } from '../reuse/wait-for.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import type { RetryOptions } from './retrying.ts'

/** {@link retrying} for a source and options that have been checked already. */
export function retried(
  source: TokenSource,
  {
    attempts = 3,
    firstWait = 200,
    longestWait = 5000,
    random = Math.random,
    sleep,
  }: RetryOptions = {},
): TokenSource {
  return async (request = {}) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await source(request)
      } catch (error) {
        const last = attempt >= attempts || request.background === true
        if (last || !isTokenError(error) || !error.retryable) throw error
        const { retryAfter = 0 } = error
        if (retryAfter > longestWait || isOver(request)) throw error
        const limit = Math.min(firstWait * 2 ** (attempt - 1), longestWait)
        // Whoever runs out of time while waiting is told what went wrong, not that time is up.
        await pause(Math.max(random() * limit, retryAfter), { sleep, signal: request.signal })
        if (isOver(request)) throw error
      }
    }
  }
}

function isOver({ signal }: TokenRequest): boolean {
  return signal?.aborted === true
}

/** Waits, at most until the signal is aborted. A timer nobody waits for would hold the process. */
async function pause(
  milliseconds: number,
  {
    sleep,
    signal,
  }: {
    readonly sleep: RetryOptions['sleep'] | undefined
    readonly signal: AbortSignal | undefined
  },
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over =
    sleep?.(milliseconds) ??
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds)
    })
  await waitFor(over, signal).catch(() => {})
  clearTimeout(timer)
}
