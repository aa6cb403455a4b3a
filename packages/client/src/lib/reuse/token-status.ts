import type { ErrorCode } from '../errors/error-catalogue.ts'

/** How it stands with a token: for a health page, a log line, a metric. Nothing secret is in it. */
export interface TokenStatus {
  /**
   * - `empty`: none was asked for yet, or the last one ended unasked for.
   * - `good`: a usable token is held.
   * - `failing`: a usable token is held, and the last try to renew it failed.
   * - `failed`: no usable token is held, and the last try failed.
   */
  readonly state: 'empty' | 'good' | 'failing' | 'failed'
  /** Whether a request for a token is under way. */
  readonly asking: boolean
  /** Milliseconds the held token still lives. */
  readonly expiresIn: number | undefined
  /** Milliseconds until the first call after which it is renewed. */
  readonly renewsIn: number | undefined
  /** The failure that has not been made good since. `at` is epoch milliseconds. */
  readonly lastError: { readonly code: ErrorCode | 'UNKNOWN'; readonly at: number } | undefined
  /** Requests for a token so far, of those the keeping did not save. */
  readonly tokenRequests: number
  /** Calls that were given a token, or waited for one. */
  readonly tokensServed: number
}
