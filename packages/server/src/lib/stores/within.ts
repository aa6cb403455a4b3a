import { inTime } from '../in-time.ts'
import { ServerError } from '../server-error.ts'

/** Milliseconds until a store has failed that a request, or a batch behind one, waits for. */
export const STORE_DEADLINE = 10_000

/**
 * The value of `promise`, if it comes within so many milliseconds.
 *
 * Else it rejects with `ServerError` (`ERR_STORE`), and what comes later is dropped. `asked` says of
 * whom, in the message.
 */
export function within<T>(promise: Promise<T>, milliseconds: number, asked: string): Promise<T> {
  return inTime(
    promise,
    milliseconds,
    () => new ServerError('ERR_STORE', `${asked} did not answer within ${milliseconds} ms`),
  )
}
