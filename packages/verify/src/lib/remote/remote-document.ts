import type { DocumentEvent, IssuerDocument } from './document-event.ts'
import { loadFlight } from './load-flight.ts'
import { LoadFailure, type LoadFault } from './load-failure.ts'
import { unlessAborted } from './unless-aborted.ts'

/** A document of the issuer, held and kept fresh. There are no timers: requests drive it. */
export interface RemoteDocument<T> {
  /**
   * The document: at once while it is fresh, after a load when it is not, `undefined` when it cannot
   * be had. Starts a load ahead of need without waiting for it. `at` is the time, for who has just looked.
   */
  get(at?: number): T | undefined | Promise<T | undefined>
  /** The held document, whatever its age. */
  peek(): T | undefined
  /** Loads again, or joins the load underway. Gives whether it succeeded; `false` in back-off. */
  reload(): Promise<boolean>
  /** Whether a load is underway. */
  isLoading(): boolean
  /** Waits for the end of the load underway, if there is one. */
  loaded(): Promise<void>
  /** Counts loads that succeeded. */
  loads(): number
  /** Milliseconds until a load may be tried; zero when it may be tried at once. */
  retryAfter(): number
  /** Why the last load failed; `undefined` where it did not. */
  fault(): LoadFault | undefined
}

/** What one load brings. */
export interface Loaded<T> {
  /** `undefined` when the held document still stands. */
  readonly value: T | undefined
  readonly etag: string | undefined
  /** Milliseconds; `undefined` where the server does not say. */
  readonly maxAge: number | undefined
}

export interface LoadRequest {
  /** Entity tag of the held document. */
  readonly etag: string | undefined
  /** A reload out of turn: caches on the way are to be passed by. */
  readonly force: boolean
  /** Aborts at the deadline. */
  readonly signal: AbortSignal
}

export interface RemoteDocumentOptions<T> {
  readonly name: IssuerDocument
  readonly load: (request: LoadRequest) => Promise<Loaded<T>>
  readonly now: () => number
  /** Milliseconds for one load, body included. */
  readonly timeout: number
  /** Milliseconds for which a document that cannot be renewed serves after it was fresh. */
  readonly staleFor: number
  readonly emit: (event: DocumentEvent) => void
  /**
   * Is given each load, for platforms that end what a request has begun once it is answered. What it
   * throws is dropped.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

interface Held<T> {
  readonly value: T
  readonly etag: string | undefined
  readonly fetchedAt: number
  readonly refreshAt: number
  readonly freshUntil: number
}

const MINUTE = 60_000
const DEFAULT_LIFE = 10 * MINUTE
const MIN_LIFE = 5 * MINUTE
const MAX_LIFE = 24 * 60 * MINUTE
const MAX_BACKOFF = MINUTE
const MAX_RETRY_AFTER = 5 * MINUTE

/**
 * Holds what `load` brings: one load at a time, renewal ahead of need, stale while failing up to a
 * bound, and a growing pause after failures that all triggers share.
 *
 * A load that succeeds replaces the document whole; one that fails changes nothing, and one that began
 * before the held document was asked for changes nothing either.
 */
export function remoteDocument<T>({
  name,
  load,
  now,
  timeout,
  staleFor,
  emit,
  waitUntil = () => {},
}: RemoteDocumentOptions<T>): RemoteDocument<T> {
  let held: Held<T> | undefined
  const flight = loadFlight(now, timeout)
  let loads = 0
  let begun = 0
  /** Which load brought the held document. */
  let heldFrom = 0
  let failures = 0
  let failedAt = 0
  let retryAt = 0
  let lastFault: LoadFault | undefined

  // A clock that was set back must neither stretch the pause nor the time until the next renewal.
  const inBackOff = (at: number): boolean => at < retryAt && at >= failedAt

  function start(force: boolean): Promise<boolean> {
    return flight.join(() => {
      const attempted = attempt(force)
      try {
        waitUntil(attempted)
      } catch {
        // A platform that takes no work must not decide who gets in.
      }
      return attempted
    })
  }

  /** Never rejects. */
  async function attempt(force: boolean): Promise<boolean> {
    const startedAt = now()
    const order = ++begun
    try {
      const signal = AbortSignal.timeout(timeout)
      const loaded = await unlessAborted(load({ etag: held?.etag, force, signal }), signal)
      const value = loaded.value ?? held?.value
      if (value === undefined) throw new LoadFailure('unacceptable')
      // Loads may overlap where requests do not wait for each other: an older answer is worth nothing.
      if (order < heldFrom) return true
      held = hold(value, loaded, startedAt)
      heldFrom = order
      loads++
      failures = 0
      retryAt = 0
      lastFault = undefined
    } catch (error) {
      if (order < heldFrom) return true
      fail(error)
      return false
    }
    emit({ type: 'loaded', document: name })
    return true
  }

  function fail(error: unknown): void {
    const { fault, retryAfter } =
      error instanceof LoadFailure ? error : new LoadFailure('unacceptable')
    lastFault = fault
    failedAt = now()
    const pause = 1000 * 2 ** Math.min(failures++, 6) * (1 + Math.random() / 5)
    const asked = Math.min(retryAfter, MAX_RETRY_AFTER)
    retryAt = failedAt + Math.max(Math.min(pause, MAX_BACKOFF), asked)
    emit({ type: 'load_failed', document: name, fault, failures, retryAt })
    if (
      held !== undefined &&
      failedAt >= held.freshUntil &&
      failedAt < held.freshUntil + staleFor
    ) {
      emit({ type: 'stale', document: name, staleUntil: held.freshUntil + staleFor })
    }
  }

  function usable(): T | undefined {
    return held !== undefined && now() < held.freshUntil + staleFor ? held.value : undefined
  }

  return {
    get(at = now()) {
      if (held !== undefined && at < held.freshUntil) {
        const due = at >= held.refreshAt || at < held.fetchedAt
        if (due && !inBackOff(at) && !flight.isOpen()) void start(false)
        return held.value
      }
      if (inBackOff(at) && !flight.isOpen()) return usable()
      return start(false).then(usable)
    },
    peek: () => held?.value,
    reload: () => (inBackOff(now()) && !flight.isOpen() ? Promise.resolve(false) : start(true)),
    isLoading: flight.isOpen,
    loaded: flight.ended,
    loads: () => loads,
    retryAfter: () => (inBackOff(now()) ? retryAt - now() : 0),
    fault: () => lastFault,
  }
}

function hold<T>(value: T, { etag, maxAge }: Loaded<T>, fetchedAt: number): Held<T> {
  const life = Math.min(Math.max(maxAge ?? DEFAULT_LIFE, MIN_LIFE), MAX_LIFE)
  // Instances that started together drift apart instead of renewing together.
  const refreshAt = fetchedAt + life * (0.8 + Math.random() / 10)
  return { value, etag, fetchedAt, refreshAt, freshUntil: fetchedAt + life }
}
