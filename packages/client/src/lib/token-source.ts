import type { AccessToken } from './access-token.ts'

/**
 * The one idea of this package: anything that yields a usable access token.
 *
 * Asking the token endpoint is a source. Keeping, sharing, retrying and tracing are functions from
 * source to source, so any of them can be put around any other.
 */
export type TokenSource = (request?: TokenRequest) => Promise<AccessToken>

/** What one call may ask of a source. */
export interface TokenRequest {
  /** Ends this caller's wait. A request that other callers share goes on without it. */
  readonly signal?: AbortSignal
  /** A token that a resource has just refused: the source must come up with another one. */
  readonly rejected?: AccessToken
}
