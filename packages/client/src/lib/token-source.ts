import type { AccessToken } from './access-token.ts'

/**
 * The one idea of this package: anything that yields a usable access token.
 *
 * Asking the token endpoint is a source. Keeping, sharing, retrying and tracing are functions from
 * source to source, so any of them can be put around any other.
 */
export type TokenSource = (request?: TokenRequest) => Promise<AccessToken>

/** What one call may ask of a source. */
export interface TokenRequest extends TokenVariation {
  /** Ends this caller's wait. A request that other callers share goes on without it. */
  readonly signal?: AbortSignal
  /** A token that a resource has just refused: the source must come up with another one. */
  readonly rejected?: AccessToken
  /** Nobody waits for the answer: it is asked for ahead of need, and need not be asked for twice. */
  readonly background?: boolean
}

/** What tells one token from another of the same client. What is left out is as the client has it. */
export interface TokenVariation {
  /** A list, or one string with blanks between. */
  readonly scope?: string | readonly string[]
  /** The API the token is for, or several (RFC 8707). */
  readonly resource?: string | readonly string[]
  readonly audience?: string
  /** What exactly the token is to allow (RFC 9396), sent as JSON. */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** Further form parameters; they are added to the client's own. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Keeps tokens apart that are otherwise the same: a tenant, say. Never sent. */
  readonly partition?: string
}

/** The names of {@link TokenVariation}. */
export const TOKEN_VARIATION: readonly (keyof TokenVariation)[] = [
  'scope',
  'resource',
  'audience',
  'authorizationDetails',
  'parameters',
  'partition',
]

/** One entry of `authorization_details`. Source: RFC 9396 section 2. */
export interface AuthorizationDetail {
  readonly type: string
  readonly [member: string]: unknown
}
