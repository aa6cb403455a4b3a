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
