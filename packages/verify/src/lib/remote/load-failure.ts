/** Why a document of the issuer could not be loaded. */
export type LoadFault =
  | 'network'
  | 'timeout'
  | 'redirect'
  | 'status'
  | 'content_type'
  | 'too_large'
  | 'not_json'
  | 'unacceptable'
  /** The address is not https, or leads to a place that is not on the public internet. */
  | 'forbidden_address'
  /** The keys could not be loaded because the metadata that says where they are could not. */
  | 'metadata'

const BRAND = Symbol.for('countersign.LoadFailure')

/** A load came to nothing. Internal: it ends as an event and, where no key is held, as 503. */
export class LoadFailure extends Error {
  /** Every package carries a copy of this class: a failure of one is a failure of all. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  override readonly name = 'LoadFailure'
  readonly fault: LoadFault
  /** Milliseconds the server asked to be left alone; zero where it did not say. */
  readonly retryAfter: number

  constructor(fault: LoadFault, retryAfter: number = 0) {
    super(`load failed: ${fault}`)
    this.fault = fault
    this.retryAfter = retryAfter
    Object.defineProperty(this, BRAND, { value: true })
  }
}
