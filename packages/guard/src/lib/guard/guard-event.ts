import type { DocumentEvent } from '@countersign/verify'
import type { IntrospectionFault } from '../introspection/ask-about-token.ts'
import type { SharingFault } from '../introspection/shared-answers.ts'
import type { RevocationSourceKind } from '../revocation/revocation-check.ts'
import type { RevocationFault } from '../revocation/revocation-fault.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'

/** Something an operator wants to know. Holds no token, no key identifier and no address but the issuer's. */
export type GuardEvent =
  | AllowedEvent
  | {
      /** `would_deny` where the guard only reports, and the request went on. */
      readonly type: 'denied' | 'would_deny'
      readonly reason: DenialReason
      readonly status: 400 | 401 | 403 | 503
      /**
       * Which of the guard's issuers the token was judged by; `undefined` where it was by none: there was no
       * token, or one that names nobody who is listed. Never what a stranger wrote.
       */
      readonly issuer: string | undefined
      /** Whose token it was; only once the issuer has vouched for it. */
      readonly clientId: string | undefined
    }
  /** A request had no token in its header, but one in its query, where it was not read. */
  | { readonly type: 'query_token' }
  /**
   * The replay store failed or was late, and the request of this client went on, as
   * `dpop.onReplayStoreError` says: its proof may have been used before.
   */
  | { readonly type: 'replay_unchecked'; readonly issuer: string; readonly clientId: string }
  /** Guards for one issuer are made again and again within a minute, each of which loads its keys. */
  | { readonly type: 'rebuilt'; readonly guards: number }
  | (IssuerEvent & {
      /** Which of the guard's issuers. */
      readonly issuer: string
    })

/** Something about one issuer. */
export type IssuerEvent =
  /** The issuer answered a question about a token. */
  | {
      readonly type: 'introspected'
      readonly active: boolean
      /** Milliseconds that the question took. */
      readonly duration: number
    }
  /** The issuer gave no usable answer about a token. */
  | {
      readonly type: 'introspection_failed'
      readonly fault: IntrospectionFault
      /** In a row, this one included. */
      readonly failures: number
      /** It is not asked again before this instant; epoch milliseconds. */
      readonly retryAt: number
    }
  /** Another instance had asked about a token, and its answer was taken out of the shared store. */
  | {
      readonly type: 'answer_shared'
      readonly active: boolean
      /** Milliseconds since the issuer was asked. */
      readonly age: number
    }
  /** The store of shared answers, or an entry of it, was of no use: the issuer is asked. */
  | {
      readonly type: 'sharing_failed'
      readonly operation: 'read' | 'write'
      readonly fault: SharingFault
      /**
       * The store is left alone until this instant; epoch milliseconds. `undefined` where one entry alone
       * was of no use.
       */
      readonly retryAt: number | undefined
    }
  /** What ends tokens before their time was read: the feed of the issuer, or a status list. */
  | { readonly type: 'revocations_loaded'; readonly source: 'feed' | 'status_list' }
  /** It could not be read, or the hook gave no answer. */
  | {
      readonly type: 'revocations_failed'
      readonly source: 'feed' | 'status_list' | 'hook'
      readonly fault: RevocationFault
      /** In a row, this one included. */
      readonly failures: number
      /** It is not asked again before this instant; epoch milliseconds. */
      readonly retryAt: number
    }
  /** A token was let through though nobody could tell whether it is revoked (`whenUnknown: 'allow'`). */
  | {
      readonly type: 'unchecked'
      readonly source: RevocationSourceKind | 'introspection'
      readonly clientId: string
    }
  | DocumentEvent

/** A request was allowed. Told of every one; where there is no `onEvent`, none of this is made. */
export interface AllowedEvent {
  readonly type: 'allowed'
  readonly kind: 'client' | 'user'
  readonly clientId: string
  readonly issuer: string
  /** The `aud` of the token. */
  readonly audience: readonly string[]
  /** The scopes that let it in: those that the rule asks for and the token has. */
  readonly scopes: readonly string[]
  /** Milliseconds from the request to the verdict. */
  readonly duration: number
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
