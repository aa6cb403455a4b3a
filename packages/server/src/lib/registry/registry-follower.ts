import { within } from '../stores/within.ts'
import { refreshSnapshot } from './refresh-snapshot.ts'
import type { RegistryRecord, RegistryStore } from './registry-store.ts'
import { emptySnapshot, type RegistrySnapshot } from './snapshot.ts'

/** A snapshot that follows its store. */
export interface RegistryFollower {
  /** What was last read. Empty until the first {@link RegistryFollower.refresh}. */
  readonly snapshot: RegistrySnapshot
  /** Reads what changed up to this call. Rejects where the store cannot be read. */
  refresh(): Promise<void>
  /**
   * Begins to look for changes: `interval` milliseconds after each look, and at once where the store
   * tells of one.
   */
  start(): void
  /** Ends that. A look under way may still finish. */
  stop(): void
}

const READ_DEADLINE = 5000
/** The first read may bring everything. */
const FIRST_READ_DEADLINE = 60_000

/**
 * Keeps the registry in memory and up to date by asking the store what changed.
 *
 * The timer holds no process open. A look that fails is reported and the snapshot stays as it was:
 * tokens go on being issued from it until the store is back. One that takes longer than `readDeadline`
 * milliseconds has failed, so that a store which never answers is asked again.
 */
export function followRegistry({
  store,
  interval,
  onRead,
  onChange,
  onFailure,
  onRecovery,
  readDeadline = READ_DEADLINE,
}: {
  readonly store: RegistryStore
  readonly interval: number
  readonly onRead: () => void
  readonly onChange: (snapshot: RegistrySnapshot) => void
  /** Told of every read that failed. */
  readonly onFailure: (error: unknown) => void
  /** Told of the first read that did not, after one that did. */
  readonly onRecovery: () => void
  readonly readDeadline?: number
}): RegistryFollower {
  let snapshot = emptySnapshot()
  let last: Promise<void> = Promise.resolve()
  let queued: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let isStarted = false
  let isLooking = false
  let isTold = false
  let isFailing = false
  let unwatch: (() => void) | undefined

  // The deadline is on the store's answer, so that one that comes later is not taken in.
  const bounded = {
    changesSince: (revision: number, take?: (part: readonly RegistryRecord[]) => void) =>
      within(
        store.changesSince(revision, take),
        revision === 0 ? Math.max(readDeadline, FIRST_READ_DEADLINE) : readDeadline,
        'the registry store',
      ),
  }

  async function read(): Promise<void> {
    try {
      const before = snapshot
      const { revision } = before
      snapshot = await refreshSnapshot(bounded, snapshot, { isDoubted: isFailing })
      onRead()
      if (snapshot !== before || snapshot.revision !== revision) onChange(snapshot)
    } catch (error) {
      isFailing = true
      onFailure(error)
      throw error
    }
    if (isFailing) onRecovery()
    isFailing = false
  }

  function begin(): Promise<void> {
    queued = undefined
    return read()
  }

  function refresh(): Promise<void> {
    // A read that is under way may have missed what this caller has written. One that waits for its end
    // has not begun, so it serves this caller, too: however many ask, two reads are all it takes.
    queued ??= last.then(begin, begin)
    last = queued
    return queued
  }

  async function look(): Promise<void> {
    clearTimeout(timer)
    isLooking = true
    isTold = false
    // A failure has been reported.
    await refresh().catch(() => {})
    isLooking = false
    if (!isStarted) return
    // Told again meanwhile: the read may have missed that change.
    if (isTold) void look()
    else schedule()
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
      if (isStarted) return
      isStarted = true
      schedule()
      unwatch = store.watch?.(() => {
        isTold = true
        if (!isLooking) void look()
      })
    },
    stop() {
      isStarted = false
      clearTimeout(timer)
      unwatch?.()
      unwatch = undefined
    },
  }
}
