/**
 * `promise`, or a rejection with the signal's reason as soon as it is aborted: one caller leaves,
 * what it waited for goes on.
 */
export function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) {
      leave()
      promise.catch(() => {})
      return
    }
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
