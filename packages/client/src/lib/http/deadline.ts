/** A signal that says when time is up. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Forgets the deadline: what is done needs none, and a timer that runs on would hold it in memory. */
  readonly clear: () => void
}

/**
 * A deadline so many milliseconds from now; its signal's reason is a `TimeoutError`.
 *
 * As `AbortSignal.timeout`, it does not keep a process alive; unlike that, it can be cleared.
 */
export function deadline(milliseconds: number): Deadline {
  const ending = new AbortController()
  const timer: unknown = setTimeout(() => {
    ending.abort(new DOMException('time is up', 'TimeoutError'))
  }, milliseconds)
  // Node gives an object, browsers and Workers a number.
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) {
    ;(timer as { unref(): void }).unref()
  }
  return { signal: ending.signal, clear: () => clearTimeout(timer as number) }
}
