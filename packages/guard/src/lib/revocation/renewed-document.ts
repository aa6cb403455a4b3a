import { loadFlight, LoadFailure, unlessAborted } from '@countersign/verify'
import type { IssuerEvent } from '../guard/guard-event.ts'
import type { RevocationFault } from './revocation-fault.ts'

/** A document that says who is revoked, held and renewed. There are no timers: requests drive it. */
export interface RenewedDocument<T> {
  /**
   * What it says: at once while it is fresh, after a load when it is not; `undefined` where it is over
   * and no other is to be had.
   */
  get(): T | undefined | Promise<T | undefined>
  /** What was read last, over or not. */
  peek(): T | undefined
  /** Counts what replaced what was held before. */
  version(): number
  /** Milliseconds until a load may be tried; zero when it may be tried at once. */
  retryAfter(): number
}

/** What a load is told. */
export interface RenewalRequest<T> {
  readonly held: T | undefined
  /** Entity tag of what is held, where that is not over. */
  readonly etag: string | undefined
  /** Aborts at the deadline. */
  readonly signal: AbortSignal
}

/** What came of a load. */
export type Renewal<T> =
  | {
      readonly ok: true
      /** What is to be held from here on: what was held where that still stands. */
      readonly value: T
      readonly etag: string | undefined
      /** For how long nobody need look again. Milliseconds, from the start of the load. */
      readonly freshFor: number
      /** From then on it says nothing. Epoch milliseconds. */
      readonly usableUntil: number
    }
  | {
      readonly ok: false
      readonly fault: RevocationFault
      /** Milliseconds to leave the server alone. */
      readonly retryAfter?: number
    }

export interface RenewedDocumentOptions<T> {
  readonly source: 'feed' | 'status_list'
  /** May throw `LoadFailure`. */
  readonly load: (request: RenewalRequest<T>) => Promise<Renewal<T>>
  readonly now: () => number
  /** Milliseconds for one load, body included. */
  readonly timeout: number
  readonly emit: (event: IssuerEvent) => void
  /** Takes work that goes on after the answer to a request. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

interface Held<T> {
  readonly value: T
  readonly etag: string | undefined
  readonly loadedAt: number
  readonly renewAt: number
  readonly freshUntil: number
  readonly usableUntil: number
}

const MAX_BACKOFF = 30_000
const MAX_RETRY_AFTER = 300_000

/**
 * Holds what `load` brings. The request that finds it due begins a load and goes on; one that finds it no
 * longer fresh waits. So what is held is never older than `freshFor` and a load while the server answers,
 * however seldom requests come.
 *
 * Once a load has failed nobody waits for the next one while what is held still counts, and loads pause
 * longer and longer. A load that fails changes nothing, and one that began before what is held was asked
 * for changes nothing either.
 */
export function renewedDocument<T>(options: RenewedDocumentOptions<T>): RenewedDocument<T> {
  const { source, load, now, timeout, emit, waitUntil = () => {} } = options
  const flight = loadFlight(now, timeout)
  let held: Held<T> | undefined
  let version = 0
  let begun = 0
  /** Which load brought what is held. */
  let heldFrom = 0
  let failures = 0
  let failedAt = 0
  let retryAt = 0

  // A clock that was set back must not stretch the pause.
  const inBackOff = (at: number): boolean => at < retryAt && at >= failedAt
  const usable = (at: number): T | undefined =>
    held !== undefined && at < held.usableUntil ? held.value : undefined

  function start(): Promise<boolean> {
    return flight.join(() => {
      const attempted = attempt()
      try {
        waitUntil(attempted)
      } catch {
        // A platform that takes no work must not decide who gets in.
      }
      return attempted
    })
  }

  /** Never rejects. */
  async function attempt(): Promise<boolean> {
    const startedAt = now()
    const order = ++begun
    const signal = AbortSignal.timeout(timeout)
    const etag = usable(startedAt) === undefined ? undefined : held?.etag
    let renewal: Renewal<T>
    try {
      renewal = await unlessAborted(load({ held: held?.value, etag, signal }), signal)
    } catch (error) {
      renewal =
        error instanceof LoadFailure
          ? { ok: false, fault: error.fault, retryAfter: error.retryAfter }
          : { ok: false, fault: 'unacceptable' }
    }
    // Loads may overlap where requests do not wait for each other: an older answer is worth nothing.
    if (order < heldFrom) return true
    if (!renewal.ok) {
      fail(renewal)
      return false
    }
    failures = 0
    retryAt = 0
    const isNew = renewal.value !== held?.value
    held = hold(renewal, startedAt)
    heldFrom = order
    if (isNew) {
      version++
      emit({ type: 'revocations_loaded', source })
    }
    return true
  }

  function fail({ fault, retryAfter = 0 }: Renewal<T> & { readonly ok: false }): void {
    failedAt = now()
    const pause = 1000 * 2 ** Math.min(failures++, 5) * (1 + Math.random() / 5)
    const asked = Math.min(retryAfter, MAX_RETRY_AFTER)
    retryAt = failedAt + Math.max(Math.min(pause, MAX_BACKOFF), asked)
    emit({ type: 'revocations_failed', source, fault, failures, retryAt })
  }

  /** Begins a load without waiting for it. */
  function renewAhead(at: number): void {
    if (!inBackOff(at) && !flight.isOpen()) void start()
  }

  return {
    get() {
      const at = now()
      if (held !== undefined && at >= held.loadedAt && at < held.freshUntil) {
        if (at >= held.renewAt) renewAhead(at)
        if (at < held.usableUntil) return held.value
      }
      const last = usable(at)
      if (last !== undefined && failures > 0) {
        renewAhead(at)
        return last
      }
      if (inBackOff(at) && !flight.isOpen()) return last
      return start().then(() => usable(now()))
    },
    peek: () => held?.value,
    version: () => version,
    retryAfter: () => (inBackOff(now()) ? retryAt - now() : 0),
  }
}

function hold<T>(renewal: Renewal<T> & { readonly ok: true }, loadedAt: number): Held<T> {
  const { value, etag, freshFor, usableUntil } = renewal
  // Instances that started together drift apart instead of renewing together.
  const renewAt = loadedAt + freshFor * (0.7 + Math.random() / 5)
  return { value, etag, loadedAt, renewAt, freshUntil: loadedAt + freshFor, usableUntil }
}
