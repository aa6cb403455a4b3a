/**
 * Tokens for drivers that ask for a password or a token.
 *
 * @module
 */
export {
  credentialsFrom,
  oauthBearer,
  passwordFrom,
  type DriverCredentials,
  type DriverCredentialsOptions,
  type DriverTokenOptions,
  type OAuthBearerOptions,
  type OAuthBearerToken,
} from './lib/adapters/driver-credentials.ts'
export { type TokenSource } from './lib/token-source.ts'
