import { serverClock, type ServerClock } from '../http/server-clock.ts'
import { recentlyUsed } from '../recently-used.ts'
import { isRequestBound } from '../request-bound.ts'
import { waitFor } from '../reuse/wait-for.ts'
import type { PeerRole } from './sender-constraint.ts'

/** A server that proofs go to, as far as it is known. */
export interface DpopPeer {
  /** Its name: role and origin. */
  readonly name: string
  readonly clock: ServerClock
  /** Whether it has answered before, and so would have said if it wanted a nonce. */
  known: boolean
  /** The first request to it, while that is under way. */
  first: FirstRequest | undefined
}

interface FirstRequest {
  readonly answered: Promise<void>
  readonly settle: () => void
  /** Aborted when the others have waited long enough. */
  readonly patience: AbortSignal
}

/** Servers that are remembered at once. */
const MAX_PEERS = 1000
/** Milliseconds that others wait for the first request's answer: a challenge comes at once. */
const PATIENCE = 2000

/** Finds the peer of a request, made at its first use; the ones used longest ago are forgotten. */
export function dpopPeers(now: () => number): (role: PeerRole, url: URL) => DpopPeer {
  const peers = recentlyUsed<DpopPeer>(MAX_PEERS)
  return (role, url) => {
    const name = `${role} ${url.origin}`
    return peers.of(name, () => ({ name, clock: serverClock(now), known: false, first: undefined }))
  }
}

/**
 * Lets the first of many requests to an unknown peer go ahead; the others wait until it is answered
 * or given up, a moment at most. So a burst takes one challenge and not one each.
 *
 * Gives whether this request is the first: then {@link settleFirst} must follow. Rejects with the
 * reason of `signal` when that is aborted.
 */
export async function goesFirst(peer: DpopPeer, signal: AbortSignal | undefined): Promise<boolean> {
  const { first } = peer
  if (first === undefined || first.patience.aborted) {
    if (isRequestBound()) return false
    peer.first = firstRequest()
    return true
  }
  const ends = signal === undefined ? first.patience : AbortSignal.any([signal, first.patience])
  await waitFor(first.answered, ends).catch(() => {})
  if (signal?.aborted === true) throw signal.reason
  return false
}

/** Lets those go on who wait for the first request. */
export function settleFirst(peer: DpopPeer): void {
  peer.first?.settle()
  peer.first = undefined
}

function firstRequest(): FirstRequest {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { answered: promise, settle: resolve, patience: AbortSignal.timeout(PATIENCE) }
}
