/** What was wrong with an argument. Stable: switch on it. */
export type ArgumentErrorCode =
  | 'ERR_ARGUMENT_MISSING'
  | 'ERR_ARGUMENT_TYPE'
  | 'ERR_ARGUMENT_VALUE'
  | 'ERR_ARGUMENT_UNKNOWN'

const BRAND = Symbol.for('countersign.ArgumentError')

/**
 * A function was called with options it cannot use.
 *
 * Always thrown before any I/O. `option` names the option; the message names it too and says what
 * would be accepted. The offending value is never part of the error, since it may be a secret.
 */
export class ArgumentError extends TypeError {
  /** Every package carries a copy of this class: an error of one is an error of all. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  override readonly name = 'ArgumentError'
  readonly code: ArgumentErrorCode
  /** The option's name as the caller writes it, such as `clientSecret` or `scope[2]`. */
  readonly option: string

  constructor(code: ArgumentErrorCode, option: string, message: string) {
    super(message)
    this.code = code
    this.option = option
    Object.defineProperty(this, BRAND, { value: true })
  }
}
