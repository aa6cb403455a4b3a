import { ServerError } from '@countersign/server'

/** Whether the parts of one store are still open: they are closed together. */
export interface OpenState {
  /** Throws: `ServerError` with `ERR_CLOSED`. */
  assertOpen(): void
  close(): void
}

/** The state of a store that is open until it is closed. */
export function openState(): OpenState {
  let closed = false
  return {
    assertOpen() {
      if (closed) throw new ServerError('ERR_CLOSED', 'the store in memory is closed')
    },
    close() {
      closed = true
    },
  }
}
