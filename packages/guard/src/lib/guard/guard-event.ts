import type { DocumentEvent } from '@countersign/verify'
import type { DenialReason } from '../verdict/denial-reasons.ts'

/** Something an operator wants to know. Holds no token, no key identifier and no address. */
export type GuardEvent =
  | {
      /** `would_deny` where the guard only reports, and the request went on. */
      readonly type: 'denied' | 'would_deny'
      readonly reason: DenialReason
      readonly status: 400 | 401 | 403 | 503
      /** Whose token it was; only once its signature has been verified. */
      readonly clientId: string | undefined
    }
  /** A request had no token in its header, but one in its query, where it was not read. */
  | { readonly type: 'query_token' }
  | DocumentEvent

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
