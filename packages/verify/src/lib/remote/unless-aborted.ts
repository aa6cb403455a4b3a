import { LoadFailure } from './load-failure.ts'

/**
 * What `work` gives, unless the signal aborts before: then it rejects at once with {@link LoadFailure}
 * of `timeout`, even where nothing heeds the signal, as a name server or a passed-in `fetch`.
 *
 * What comes later is dropped.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(new LoadFailure('timeout'))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
