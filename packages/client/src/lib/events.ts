import type { StoreOperation } from './shared/store-error.ts'

/**
 * Why a token is asked for.
 *
 * - `cold`: there was none before.
 * - `ahead`: the former one is still good, and nobody waits.
 * - `expired`: the former one has ended, or is about to, and callers wait.
 * - `refused`: an API refused the former one.
 */
export type RequestCause = 'cold' | 'ahead' | 'expired' | 'refused'

/** What a client has to tell, for logs and metrics. Holds no token and no secret. */
export type ClientEvent =
  /** The token endpoint gave a token. */
  | {
      readonly type: 'token.obtained'
      /** Epoch milliseconds, `undefined` where the token does not end by itself. */
      readonly expiresAt: number | undefined
      readonly scope: readonly string[]
      /** Milliseconds from sending the request to having the token. */
      readonly duration: number
    }
  /** A token request failed. `background` means that no caller waited for it. */
  | {
      readonly type: 'token.failed'
      readonly error: Error
      readonly background: boolean
    }
  /** An API refused a token that had not ended. */
  | { readonly type: 'token.refused'; readonly origin: string }
  /** Renewed tokens were refused again and again: renewing on refusal rests until then. */
  | { readonly type: 'renewal.paused'; readonly until: number }
  /** A token that another process obtained was taken from the shared store: a request saved. */
  | {
      readonly type: 'token.shared'
      /** Epoch milliseconds, `undefined` where the token does not end by itself. */
      readonly expiresAt: number | undefined
      /** Milliseconds from the first look into the store to having the token. */
      readonly waited: number
    }
  /** The shared store, or an entry of it, was of no use. It failed no call. */
  | { readonly type: 'store.failed'; readonly operation: StoreOperation; readonly error: Error }
  /** A request for a token is about to be made, and why. `observed` tells it. */
  | { readonly type: 'token.requested'; readonly cause: RequestCause }
  /** More tokens were asked for within an hour than keeping them should need. `budgeted` tells it. */
  | {
      readonly type: 'budget.exceeded'
      /** Requests within the last hour. */
      readonly requests: number
      /** What the budget allows. */
      readonly perHour: number
      /** Whether the request was refused for it. */
      readonly blocked: boolean
    }

/** Receives events. What it throws is dropped: a listener must not fail a call. */
export type ClientEventListener = (event: ClientEvent) => void

/** Tells `listener`, whatever it does. */
export function tell(listener: ClientEventListener | undefined, event: ClientEvent): void {
  if (listener === undefined) return
  try {
    listener(event)
  } catch {
    // The event is told; what a listener makes of it is its own affair.
  }
}
