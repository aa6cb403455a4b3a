import type { DpopReplay } from '@countersign/verify'

/**
 * Remembers which DPoP proofs were used. The replay stores of `@countersign/stores` are such stores.
 *
 * `reserve` must be atomic: of any number of calls with one key, at one time and on any machine, one
 * gives `true`, and all others `false` until `expiresAt` (epoch milliseconds).
 */
export interface ProofReplayStore {
  reserve(key: string, expiresAt: number): boolean | Promise<boolean>
}

/** Whether a proof was used before, as far as the store can say. */
export type ProofUse = 'first' | 'replayed' | 'unknown'

/**
 * Uses a proof up in a store. A store that fails, is later than `deadline` milliseconds, or gives
 * anything but a boolean has said nothing.
 *
 * Source: RFC 9449 section 11.1.
 */
export async function useProof(
  store: ProofReplayStore,
  { key, until }: DpopReplay,
  deadline: number,
): Promise<ProofUse> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const asked = store.reserve(key, until)
    // The memory of this process answers at once: only for others is there something to wait for.
    if (typeof asked === 'boolean') return asked ? 'first' : 'replayed'
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, deadline, undefined)
    })
    const first: unknown = await Promise.race([asked, late])
    if (typeof first !== 'boolean') return 'unknown'
    return first ? 'first' : 'replayed'
  } catch {
    return 'unknown'
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A store in the memory of this process: at most `limit` proofs. Full, it throws: a proof that still
 * counts is never forgotten to make room.
 */
export function memoryProofReplay(limit: number, now: () => number): ProofReplayStore {
  const used = new Map<string, number>()
  let sweepAt = FIRST_SWEEP

  function sweep(): void {
    const at = now()
    for (const [key, until] of used) if (until < at) used.delete(key)
    // Twice what is left: sweeping costs each proof a constant, however many there are.
    sweepAt = Math.max(FIRST_SWEEP, used.size * 2)
  }

  return {
    reserve(key, expiresAt) {
      if (used.has(key)) return false
      if (used.size >= Math.min(sweepAt, limit)) sweep()
      if (used.size >= limit) throw new Error('the memory for DPoP proofs is full')
      used.set(key, expiresAt)
      return true
    },
  }
}

const FIRST_SWEEP = 1024
