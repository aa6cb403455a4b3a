import type { DpopReplay } from '@countersign/verify'

/**
 * Remembers which DPoP proofs were used. The replay stores of `@countersign/stores` are such stores.
 *
 * `reserve` must be atomic: of any number of calls with one key, at one time and on any machine, one
 * gives `true`, and all others `false` until `expiresAt` (epoch milliseconds). `thumbprint` names the
 * key of the client, for stores that hold so much of each: `full` where there is no room for a proof
 * that was not used. None that still counts may be forgotten to make room.
 */
export interface ProofReplayStore {
  reserve(
    key: string,
    expiresAt: number,
    thumbprint: string,
  ): ProofReservation | Promise<ProofReservation>
}

/** `true` for the first use, `false` for any other, `full` where nothing can be remembered. */
export type ProofReservation = boolean | 'full'

/** A proof that is good but for its use, and the thumbprint of its key. */
export interface ProofToUse extends DpopReplay {
  readonly thumbprint: string
}

/** Whether a proof was used before, as far as the store can say. */
export type ProofUse = 'first' | 'replayed' | 'full' | 'unknown'

/**
 * Uses a proof up in a store. A store that fails, is later than `deadline` milliseconds, or gives
 * anything but a reservation has said nothing.
 *
 * Source: RFC 9449 section 11.1.
 */
export async function useProof(
  store: ProofReplayStore,
  { key, until, thumbprint }: ProofToUse,
  deadline: number,
): Promise<ProofUse> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const asked = store.reserve(key, until, thumbprint)
    // The memory of this process answers at once: only for others is there something to wait for.
    if (typeof asked !== 'object') return useOf(asked)
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, deadline, undefined)
    })
    return useOf(await Promise.race([asked, late]))
  } catch {
    return 'unknown'
  } finally {
    clearTimeout(timer)
  }
}

function useOf(answer: unknown): ProofUse {
  if (answer === true) return 'first'
  if (answer === false) return 'replayed'
  return answer === 'full' ? 'full' : 'unknown'
}
