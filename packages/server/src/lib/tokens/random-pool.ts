import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096

/**
 * A source of random bytes, as base64url, that asks the system for many at once: one call costs 30 times what a few
 * bytes out of the pool do. What was handed out is wiped from the pool.
 */
export function randomPool(): (bytes: number) => string {
  const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
  let used = POOL_BYTES
  return (bytes) => {
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const taken = pool.toString('base64url', used, used + bytes)
    pool.fill(0, used, used + bytes)
    used += bytes
    return taken
  }
}
