/** A signal that says when time is up. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Forgets the deadline: what is done needs none, and a timer that runs on would hold memory. */
  readonly clear: () => void
}

/**
 * A deadline so many milliseconds from now; its signal's reason is a `TimeoutError`.
 *
 * Somebody who waits is owed an answer, so it keeps the process alive until it is cleared or up;
 * with `background` nobody waits, and it does not.
 */
export function deadline(milliseconds: number, background = false): Deadline {
  const ending = new AbortController()
  const timer: unknown = setTimeout(() => {
    ending.abort(new DOMException('time is up', 'TimeoutError'))
  }, milliseconds)
  // Node gives an object, browsers and Workers a number.
  if (background && typeof timer === 'object' && timer !== null && 'unref' in timer) {
    ;(timer as { unref(): void }).unref()
  }
  return { signal: ending.signal, clear: () => clearTimeout(timer as number) }
}
