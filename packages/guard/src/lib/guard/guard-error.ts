/** What can go wrong outside a request. Stable: switch on it. */
export type GuardErrorCode =
  | 'ERR_KEYS_UNAVAILABLE'
  | 'ERR_REVOCATIONS_UNAVAILABLE'
  | 'ERR_MARKS_FULL'
  | 'ERR_NOT_GUARDED'

/** A guard could not do what was asked of it. Denials are verdicts, never errors. */
export class GuardError extends Error {
  override readonly name = 'GuardError'
  readonly code: GuardErrorCode
  /** Whether trying again may help. */
  readonly retryable: boolean

  constructor(
    code: GuardErrorCode,
    message: string,
    { retryable }: { readonly retryable: boolean },
  ) {
    super(message)
    this.code = code
    this.retryable = retryable
  }
}
