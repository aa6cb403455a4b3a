import type { DenialReason } from '../verdict/denial-reasons.ts'
import type { LoadFault } from '../remote/load-failure.ts'

/** Which document of the issuer an event is about. */
export type IssuerDocument = 'metadata' | 'keys'

/** Something an operator wants to know. Holds no token, no key identifier and no address. */
export type GuardEvent =
  | {
      readonly type: 'denied'
      readonly reason: DenialReason
      readonly status: 400 | 401 | 403 | 503
      /** Whose token it was; only once its signature has been verified. */
      readonly clientId: string | undefined
    }
  /** A request had no token in its header, but one in its query, where it was not read. */
  | { readonly type: 'query_token' }
  | { readonly type: 'loaded'; readonly document: IssuerDocument }
  | {
      readonly type: 'load_failed'
      readonly document: IssuerDocument
      readonly fault: LoadFault
      /** In a row, this one included. */
      readonly failures: number
      /** No attempt is made before this instant; epoch milliseconds. */
      readonly retryAt: number
    }
  /** A load failed after the held document had stopped being fresh; it serves until `staleUntil`. */
  | {
      readonly type: 'stale'
      readonly document: IssuerDocument
      /** Epoch milliseconds. */
      readonly staleUntil: number
    }

/** Tells `onEvent` without letting what it throws or rejects with reach a request. */
export function safeEmitter(onEvent: (event: GuardEvent) => unknown): (event: GuardEvent) => void {
  return (event) => {
    try {
      const result = onEvent(event)
      if (result instanceof Promise) result.catch(() => {})
    } catch {
      // A broken observer must not decide who gets in.
    }
  }
}
