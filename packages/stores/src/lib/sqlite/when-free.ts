import { setTimeout as delay } from 'node:timers/promises'

/** How long to wait for others that hold the file, in milliseconds. */
const PATIENCE = 5000
const SQLITE_BUSY = 5

/**
 * Runs `work`, again and again while SQLite says that somebody else holds the file.
 *
 * SQLite's own busy timeout would hold up the whole process while it waits, and with it whoever in
 * this process holds the file.
 */
export async function whenFree<T>(work: () => T): Promise<T> {
  for (let waited = 0, pause = 1; ; waited += pause, pause = Math.min(pause * 2, 50)) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || waited >= PATIENCE) throw error
      await delay(pause)
    }
  }
}

function isBusy(error: unknown): boolean {
  // The low byte is the primary code; what is above it says why.
  return (Number((error as { errcode?: number }).errcode) & 0xff) === SQLITE_BUSY
}
