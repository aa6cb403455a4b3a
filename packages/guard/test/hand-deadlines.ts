import { onTestFinished, vi } from 'vitest'

/** Deadlines that pass when the test says so, and not by the time that a machine takes. */
export interface HandDeadlines {
  /** Milliseconds of each one that was set, in order. */
  readonly set: readonly number[]
  /** Lets all that were set pass. */
  pass(): void
}

/**
 * Takes the place of `AbortSignal.timeout` until the test ends.
 *
 * What reads a passed clock never needs this: it is for work that is given up while it hangs.
 */
export function handDeadlines(): HandDeadlines {
  const set: number[] = []
  let open: AbortController[] = []
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    const deadline = new AbortController()
    set.push(milliseconds)
    open.push(deadline)
    return deadline.signal
  })
  onTestFinished(() => timeout.mockRestore())
  return {
    set,
    pass() {
      for (const deadline of open) deadline.abort(new DOMException('late', 'TimeoutError'))
      open = []
    },
  }
}
