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
  /** The keys could not be loaded because the metadata that says where they are could not. */
  | 'metadata'

/** A load came to nothing. Internal: it ends as an event and, where no key is held, as 503. */
export class LoadFailure extends Error {
  override readonly name = 'LoadFailure'
  readonly fault: LoadFault
  /** Milliseconds the server asked to be left alone; zero where it did not say. */
  readonly retryAfter: number

  constructor(fault: LoadFault, retryAfter: number = 0) {
    super(`load failed: ${fault}`)
    this.fault = fault
    this.retryAfter = retryAfter
  }
}
