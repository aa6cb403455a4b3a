import { assertKnownOptions, optionalFunction, optionalNumber } from '@countersign/protocol'
import { assertSource } from '../assert-source.ts'
import { isTokenError } from '../errors/token-error.ts'
import { waitFor } from '../reuse/wait-for.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'

/** How failures that may pass are met. */
export interface RetryOptions {
  /** Requests in all, the first included. Default 3. */
  readonly attempts?: number
  /** Milliseconds the first wait is drawn from; each later one from twice as many. Default 200. */
  readonly firstWait?: number
  /** Longest single wait, in milliseconds: what asks for more is not waited for. Default 5000. */
  readonly longestWait?: number
  /** Numbers from 0 up to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
  /** Waits so many milliseconds. Default: a timer. */
  readonly sleep?: (milliseconds: number) => Promise<void>
}

const RETRY_OPTIONS = ['attempts', 'firstWait', 'longestWait', 'random', 'sleep'] as const

/**
 * A source that asks again where the failure may pass by itself.
 *
 * It belongs inside what keeps tokens, so that all who wait share the tries as they share the token.
 * Waits are drawn between nothing and a limit that doubles, so that a fleet does not come back
 * together; `Retry-After` is obeyed, and where it is longer than `longestWait` the failure is handed
 * on at once. What is asked for in the background is tried once: who keeps tokens tries again later.
 *
 * Throws when made: `ArgumentError`. Rejects: with the last failure.
 */
export function retrying(source: TokenSource, options: RetryOptions = {}): TokenSource {
  assertSource('retrying', source)
  assertKnownOptions('retrying', options, RETRY_OPTIONS)
  const given: RetryOptions = options
  const attempts = number('attempts', given.attempts, { fallback: 3, min: 1, max: 10 })
  const firstWait = number('firstWait', given.firstWait, { fallback: 200, min: 0, max: 60_000 })
  const longestWait = number('longestWait', given.longestWait, {
    fallback: 5000,
    min: 0,
    max: 60_000,
  })
  const random = optionalFunction('retrying', 'random', given.random, Math.random)
  const sleep = optionalFunction('retrying', 'sleep', given.sleep, undefined)

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

function number(
  name: string,
  value: unknown,
  bounds: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  return optionalNumber('retrying', name, value, bounds)
}
