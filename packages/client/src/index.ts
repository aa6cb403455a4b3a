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
export type { ReuseOptions } from './lib/reuse/keep-token.ts'
export type { TokenStatus } from './lib/reuse/token-status.ts'
export { retrying, type RetryOptions } from './lib/retry/retrying.ts'
export {
  authorizedFetch,
  type AuthorizedFetch,
  type AuthorizedFetchOptions,
} from './lib/attach/authorized-fetch.ts'
export {
  clientSecretJwt,
  type ClientSecretJwtOptions,
} from './lib/client-authentication/client-secret-jwt.ts'
export {
  privateKeyJwt,
  type PrivateKeyJwtOptions,
} from './lib/client-authentication/private-key-jwt.ts'
export {
  federatedAssertion,
  type FederatedAssertionOptions,
} from './lib/client-authentication/federated-assertion.ts'
export {
  githubActionsToken,
  type GithubActionsTokenOptions,
} from './lib/client-authentication/github-actions-token.ts'
export {
  selfSignedTlsClientAuth,
  tlsClientAuth,
  type TlsClientAuthOptions,
} from './lib/client-authentication/tls-client-auth.ts'
export type {
  ClientAssertionOptions,
  ClientAssertionType,
} from './lib/client-authentication/client-assertion.ts'
export type {
  SigningCredential,
  SigningCredentialOptions,
  SigningKeyAnswer,
  SigningKeySource,
} from './lib/client-authentication/signing-credentials.ts'
export { jwtBearer, type GrantAssertion, type JwtBearerOptions } from './lib/grants/jwt-bearer.ts'
export { signedAssertion, type SignedAssertionOptions } from './lib/grants/signed-assertion.ts'
export type { GrantContext } from './lib/grants/grant.ts'
export type { ExternalSigningKey, PrivateJwk, SigningKeyInput } from './lib/jose/signing-key.ts'
export type { PublicJwk } from './lib/jose/public-jwk.ts'
export type { SignatureAlgorithm } from './lib/jose/signature-algorithm.ts'
export { dpop, type DpopOptions } from './lib/sender-constraint/dpop.ts'
export {
  certificateBound,
  type CertificateBoundOptions,
} from './lib/sender-constraint/certificate-bound.ts'
export { certificateThumbprint } from './lib/sender-constraint/certificate-thumbprint.ts'
export { memoryNonceStore, type NonceStore } from './lib/sender-constraint/nonce-store.ts'
export {
  discoverResource,
  type DiscoveredResource,
  type DiscoverResourceOptions,
} from './lib/zero-configuration/discover-resource.ts'
export {
  createClientFor,
  type CreateClientForOptions,
  type IssuerCredentials,
} from './lib/zero-configuration/create-client-for.ts'
export { type ResourceProbe } from './lib/zero-configuration/resource-challenge.ts'
export { shared, type SharedOptions } from './lib/shared/shared-source.ts'
export { sharedTokens } from './lib/shared/shared-tokens.ts'
export { type SharingOptions } from './lib/shared/sharing-options.ts'
export { tokenCacheKey, type TokenKeyParts, type TokenOwner } from './lib/shared/token-cache-key.ts'
export { generateStoreKey } from './lib/shared/store-key-ring.ts'
export { StoreError, type StoreOperation } from './lib/shared/store-error.ts'
export type { TokenLease, TokenStore, TokenStoreEntry } from './lib/shared/token-store.ts'
export { budgeted, type BudgetOptions } from './lib/budget/budgeted.ts'
export { observed, type ObservedOptions } from './lib/seeing/observed.ts'
export { type FetchFunction } from './lib/http/fetch-function.ts'

export { fromEnv } from './lib/secrets/from-env.ts'
export { fromFile } from './lib/secrets/from-file.ts'
export { cachedSecret, type CachedSecretOptions } from './lib/secrets/cached-secret.ts'
export { currentAndNext } from './lib/secrets/current-and-next.ts'
export { fromVault, type VaultOptions } from './lib/secrets/from-vault.ts'
export type {
  VaultAppRoleAuth,
  VaultAuth,
  VaultKubernetesAuth,
  VaultTokenAuth,
} from './lib/secrets/vault-auth.ts'
export {
  fromAwsSecretsManager,
  type AwsSecretsManager,
  type AwsSecretsManagerOptions,
  type AwsSecretValue,
} from './lib/secrets/from-aws-secrets-manager.ts'
export {
  fromGoogleSecretManager,
  type GoogleSecretManager,
  type GoogleSecretManagerOptions,
  type GoogleSecretVersion,
} from './lib/secrets/from-google-secret-manager.ts'
export {
  fromAzureKeyVault,
  type AzureKeyVault,
  type AzureKeyVaultOptions,
} from './lib/secrets/from-azure-key-vault.ts'
export { type SecretField } from './lib/secrets/secret-field.ts'
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
