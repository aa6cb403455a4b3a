/** What did not answer in time. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp'
}

/**
 * The value of `promise`, if it comes within so many milliseconds; else rejects with {@link TimeUp}.
 *
 * What comes late goes to `late`, which gives back what nobody else knows of; a late failure is
 * dropped. Somebody waits, so the timer keeps the process alive.
 */
export function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  late?: (value: T) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(new TimeUp(`no answer within ${Math.round(milliseconds)} ms`))
    }, milliseconds)
    promise.then(
      (value) => {
        clearTimeout(timer)
        if (isLate) late?.(value)
        else resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}
