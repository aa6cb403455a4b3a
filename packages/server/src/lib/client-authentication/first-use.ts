import { createHash } from 'node:crypto'
import type { ProvenReplayStore } from '../stores/proven-replay-store.ts'

/** Tells a first use from a second. Throws: `ServerError` where it cannot. */
export type FirstUses = Pick<ProvenReplayStore, 'reserve'>

/**
 * Whether this is the first use of what `parts` name together, remembered until `expiresAt`.
 *
 * The parts are hashed with their lengths before them, so that no two lists of parts share a key.
 * Throws: `ServerError` where nobody can say: neither answer would be true.
 */
export function isFirstUse(
  uses: FirstUses,
  parts: readonly string[],
  expiresAt: number,
): Promise<boolean> {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = Buffer.from(part)
    hash.update(`${bytes.length}:`).update(bytes)
  }
  // Stores keep whole milliseconds, and the times of a JWT may have fractions.
  return uses.reserve(hash.digest('base64url'), Math.ceil(expiresAt))
}
