import type { ProofReservation } from './proof-replay.ts'

/** How much a memory for proofs holds. */
export interface ProofMemoryLimits {
  readonly total: number
  /** Proofs of one key. */
  readonly perKey: number
}

/** A store that answers at once. */
export interface ProofMemory {
  reserve(key: string, expiresAt: number, thumbprint: string): ProofReservation
}

/** Proofs of one key, counted. */
interface Holder {
  readonly thumbprint: string
  proofs: number
}

/** What can be forgotten after the same second: two lists that go in step. */
interface Ending {
  readonly keys: string[]
  readonly holders: Holder[]
}

/**
 * A store in the memory of this process. Full, or full for one key, it says so: a proof that still
 * counts is never forgotten to make room.
 *
 * Entries are kept by the second they end in, so that each costs a constant to forget, however many
 * there are, and an attacker who keeps it full makes nobody search it.
 */
export function proofMemory({ total, perKey }: ProofMemoryLimits, now: () => number): ProofMemory {
  const used = new Set<string>()
  const holders = new Map<string, Holder>()
  const endings = new Map<number, Ending>()
  let sweptIn = -Infinity

  function forgetEnded(): void {
    const second = Math.floor(now() / 1000)
    if (second === sweptIn) return
    sweptIn = second
    for (const [endsIn, ending] of endings) {
      if (endsIn >= second) continue
      endings.delete(endsIn)
      for (const key of ending.keys) used.delete(key)
      for (const holder of ending.holders) {
        holder.proofs--
        if (holder.proofs === 0) holders.delete(holder.thumbprint)
      }
    }
  }

  return {
    reserve(key, expiresAt, thumbprint) {
      forgetEnded()
      if (used.has(key)) return false
      const holder = holders.get(thumbprint) ?? { thumbprint, proofs: 0 }
      if (used.size >= total || holder.proofs >= perKey) return 'full'
      holder.proofs++
      holders.set(thumbprint, holder)
      used.add(key)
      const endsIn = Math.floor(expiresAt / 1000)
      const ending = endings.get(endsIn) ?? { keys: [], holders: [] }
      endings.set(endsIn, ending)
      ending.keys.push(key)
      ending.holders.push(holder)
      return true
    },
  }
}
