import type { JsonObject } from '@countersign/protocol'
import type { TokenPresentation } from '../access-token.ts'

/**
 * How a token endpoint departs from the standard. None of it weakens what is checked: addresses,
 * redirects, sizes and token types are held to the same rules.
 */
export interface TokenEndpointQuirks {
  /** Another `grant_type` than `client_credentials`, such as Zoom's `account_credentials`. */
  readonly grantType?: string
  /** What stands between scopes on the wire, both ways. Default a blank. */
  readonly scopeSeparator?: ' ' | ','
  /** How the request is written. Default `form`. */
  readonly requestFormat?: 'form' | 'json'
  /** Turns a successful answer's JSON into the standard's members, before it is read. */
  readonly readAnswer?: (answer: JsonObject) => JsonObject
  /** Hears the headers of every answer, refusals included, such as quotas. It must not throw. */
  readonly readHeaders?: (headers: Headers) => void
  /** Where the API wants the token. Default: the `Authorization` header, behind its type. */
  readonly presentation?: TokenPresentation
  /** Milliseconds a token lives where the answer does not say. */
  readonly defaultLifetime?: number
}
