import { isRequestBound } from './request-bound.ts'

/** One load at a time, for all who want what comes of it. */
export interface LoadFlight {
  /** Begins a load, or joins the one underway. Gives whether it succeeded. */
  join(load: () => Promise<boolean>): Promise<boolean>
  /** Whether one is underway. */
  isOpen(): boolean
  /** Waits for the end of the one underway, if there is one. */
  ended(): Promise<void>
}

/**
 * Loads that nobody begins while one is underway.
 *
 * Where requests must not wait for each other, those who come to a load of another request look now and
 * then whether it has ended: its outcome is shared, its promise is not. One that has not ended in
 * good time went down with the request that began it, and is begun anew.
 *
 * `timeout`: milliseconds after which a load has ended for certain.
 */
export function loadFlight(now: () => number, timeout: number): LoadFlight {
  return isRequestBound() ? watchedFlight(now, timeout) : sharedFlight()
}

function sharedFlight(): LoadFlight {
  let underway: Promise<boolean> | undefined
  return {
    join: (load) =>
      (underway ??= load().finally(() => {
        underway = undefined
      })),
    isOpen: () => underway !== undefined,
    async ended() {
      await underway
    },
  }
}

/** Milliseconds between two looks at a load of another request. */
const LOOK_INTERVAL = 20
/** Looks after which a load that has not ended is taken for dropped. */
const PATIENCE = 50
/** Looks after which nobody waits any longer, whatever is begun anew meanwhile. */
const MAX_LOOKS = 500

interface Underway {
  readonly beganAt: number
  succeeded: boolean | undefined
}

function watchedFlight(now: () => number, timeout: number): LoadFlight {
  let current: Underway | undefined

  function isOpen(): boolean {
    if (current === undefined) return false
    const age = now() - current.beganAt
    return age >= 0 && age < timeout
  }

  async function begin(load: () => Promise<boolean>): Promise<boolean> {
    const mine: Underway = { beganAt: now(), succeeded: undefined }
    current = mine
    const succeeded = await load()
    mine.succeeded = succeeded
    if (current === mine) current = undefined
    return succeeded
  }

  /** What came of the load underway; `undefined` where it was dropped. */
  async function watch(): Promise<boolean | undefined> {
    let watched = current
    for (let looks = 0, age = 0; looks < MAX_LOOKS; looks++, age++) {
      if (watched === undefined) return undefined
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL))
      if (watched.succeeded !== undefined) return watched.succeeded
      if (watched !== current) {
        watched = current
        age = 0
      } else if (age >= PATIENCE) {
        current = undefined
        return undefined
      }
    }
    return false
  }

  return {
    async join(load) {
      if (!isOpen()) return begin(load)
      return (await watch()) ?? begin(load)
    },
    isOpen,
    async ended() {
      if (isOpen()) await watch()
    },
  }
}
