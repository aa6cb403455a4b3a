import type { ReplayStore } from '@countersign/server'

/** Milliseconds between two sweeps of one instance. */
const SWEEP_INTERVAL = 60_000
/** Kept longer than asked for: the clocks of two instances may be so far apart. */
const CLOCK_MARGIN = 60_000

/**
 * A replay store that forgets by itself what has expired: beside a use, once a minute, so that an API
 * needs no job for it. The use does not wait for it, and does not fail with it.
 */
export function sweptReplayStore(store: ReplayStore, now: () => number): ReplayStore {
  let sweptAt = now()
  let isSweeping = false

  async function sweep(at: number): Promise<void> {
    isSweeping = true
    sweptAt = at
    try {
      await store.forgetExpired(at - CLOCK_MARGIN)
    } catch {
      // The next sweep takes this one's share, too.
    } finally {
      isSweeping = false
    }
  }

  return {
    ...store,
    async reserve(key, expiresAt) {
      const isFirst = await store.reserve(key, expiresAt)
      const at = now()
      if (!isSweeping && at - sweptAt >= SWEEP_INTERVAL) void sweep(at)
      return isFirst
    },
  }
}
