/**
 * How a client proves who it is, beyond a plain secret: assertions, keys, certificates, workload identity.
 *
 * @module
 */
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
export { jwtBearer, type JwtBearerOptions } from './lib/grants/jwt-bearer.ts'
export { jwtBearerGrant, type GrantAssertion } from './lib/grants/jwt-bearer-grant.ts'
export { signedAssertion, type SignedAssertionOptions } from './lib/grants/signed-assertion.ts'
export type { ClientGrant, GrantContext, GrantOptions } from './lib/grants/grant.ts'
export type { ExternalSigningKey, PrivateJwk, SigningKeyInput } from './lib/jose/signing-key.ts'
export type { PublicJwk } from './lib/jose/public-jwk.ts'
export type { SignatureAlgorithm } from './lib/jose/signature-algorithm.ts'
