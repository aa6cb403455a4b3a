/**
 * Obtain, keep and attach OAuth 2.0 client credentials tokens.
 *
 * A token source is a function; keeping and attaching are functions of a source. {@link createClient}
 * arranges them for most needs.
 *
 * @module
 */
export {
  createClient,
  type Client,
  type ClientOptions,
  type GrantClientOptions,
  type TokenSharing,
} from './lib/create-client.ts'
export type {
  AuthorizationDetail,
  TokenRequest,
  TokenSource,
  TokenVariation,
} from './lib/token-source.ts'
export { AccessToken, type AccessTokenInit, type TokenPresentation } from './lib/access-token.ts'
export { clientCredentials } from './lib/grants/client-credentials.ts'
export { type ClientCredentialsOptions } from './lib/grants/client-credentials-options.ts'
export { type TokenEndpointQuirks } from './lib/grants/token-endpoint-quirks.ts'
export type {
  AuthenticatedRequest,
  ClientAuthentication,
  ClientAuthenticationContext,
} from './lib/client-authentication/client-authentication.ts'
export { type ClientSecretMethod } from './lib/client-authentication/client-secret.ts'
export type {
  ConstrainedAnswer,
  ConstrainedRequest,
  PeerRole,
  SenderConstraint,
} from './lib/sender-constraint/sender-constraint.ts'
export { reuse } from './lib/reuse/reuse.ts'
export type { ReuseOptions } from './lib/reuse/reuse-options.ts'
export type { TokenStatus } from './lib/reuse/token-status.ts'
export { retrying, type RetryOptions } from './lib/retry/retrying.ts'
export {
  authorizedFetch,
  type AuthorizedFetch,
  type AuthorizedFetchOptions,
} from './lib/attach/authorized-fetch.ts'
export { budgeted, type BudgetOptions } from './lib/budget/budgeted.ts'
export { type FetchFunction } from './lib/http/fetch-function.ts'
export { fromEnv } from './lib/secrets/from-env.ts'
export { fromFile } from './lib/secrets/from-file.ts'
export type { SecretAnswer, SecretRead, SecretSource } from './lib/secrets/secret-source.ts'
export type { ClientEvent, ClientEventListener, RequestCause } from './lib/events.ts'
export {
  ERROR_CATALOGUE,
  type ErrorCatalogueEntry,
  type ErrorCode,
} from './lib/errors/error-catalogue.ts'
export {
  AttachError,
  CredentialError,
  isTokenError,
  PeerError,
  RefusalError,
  TokenError,
  TransportError,
  type ErrorPhase,
  type OAuthErrorMembers,
  type TokenErrorDetails,
} from './lib/errors/token-error.ts'
export { ArgumentError, type ArgumentErrorCode, type BasicEncoding } from '@countersign/protocol'
