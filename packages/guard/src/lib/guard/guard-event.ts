import type { DocumentEvent } from '@countersign/verify'
import type { IntrospectionFault } from '../introspection/ask-about-token.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'

/** Something an operator wants to know. Holds no token, no key identifier and no address. */
export type GuardEvent =
  | {
      /** `would_deny` where the guard only reports, and the request went on. */
      readonly type: 'denied' | 'would_deny'
      readonly reason: DenialReason
      readonly status: 400 | 401 | 403 | 503
      /** Whose token it was; only once the issuer has vouched for it. */
      readonly clientId: string | undefined
    }
  /** A request had no token in its header, but one in its query, where it was not read. */
  | { readonly type: 'query_token' }
  /** The issuer gave no usable answer about a token. */
  | {
      readonly type: 'introspection_failed'
      readonly fault: IntrospectionFault
      /** In a row, this one included. */
      readonly failures: number
      /** It is not asked again before this instant; epoch milliseconds. */
      readonly retryAt: number
    }
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
