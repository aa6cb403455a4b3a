import type { RegistryStore } from './registry-store.ts'
import { refreshSnapshot } from './refresh-snapshot.ts'
import { emptySnapshot, type RegistrySnapshot } from './snapshot.ts'

/** A snapshot that follows its store. */
export interface RegistryFollower {
  /** What was last read. Empty until the first {@link RegistryFollower.refresh}. */
  readonly snapshot: RegistrySnapshot
  /** Reads what changed up to this call. Rejects where the store cannot be read. */
  refresh(): Promise<void>
  /** Begins to look for changes, `interval` milliseconds after each look. */
  start(): void
  /** Ends that. A look under way may still finish. */
  stop(): void
}

/**
 * Keeps the registry in memory and up to date by asking the store what changed.
 *
 * The timer holds no process open. A look that fails is reported and the snapshot stays as it was:
 * tokens go on being issued from it until the store is back.
 */
export function followRegistry({
  store,
  interval,
  onRead,
  onChange,
  onFailure,
  onRecovery,
}: {
  readonly store: RegistryStore
  readonly interval: number
  readonly onRead: () => void
  readonly onChange: (snapshot: RegistrySnapshot) => void
  readonly onFailure: (error: unknown) => void
  readonly onRecovery: () => void
}): RegistryFollower {
  let snapshot = emptySnapshot()
  let last: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let failing = false

  async function read(): Promise<void> {
    const before = snapshot.revision
    snapshot = await refreshSnapshot(store, snapshot)
    onRead()
    if (snapshot.revision !== before) onChange(snapshot)
  }

  function refresh(): Promise<void> {
    // One after the other: a read that is under way may have missed what this caller has written.
    last = last.then(read, read)
    return last
  }

  async function look(): Promise<void> {
    try {
      await refresh()
      if (failing) onRecovery()
      failing = false
    } catch (error) {
      failing = true
      onFailure(error)
    }
    // Cleared by stop() while this look was under way.
    if (timer !== undefined) schedule()
  }

  function schedule(): void {
    timer = setTimeout(() => void look(), interval)
    timer.unref()
  }

  return {
    get snapshot() {
      return snapshot
    },
    refresh,
    start() {
      if (timer === undefined) schedule()
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
