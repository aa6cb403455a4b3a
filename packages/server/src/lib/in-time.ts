/**
 * The value of `promise`, if it comes within so many milliseconds; else rejects with what `late` makes,
 * and what comes later is dropped. The timer keeps the process alive: somebody waits.
 */
export function inTime<T>(
  promise: PromiseLike<T>,
  milliseconds: number,
  late: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds)
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
