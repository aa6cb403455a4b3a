import { auth0Rfc9068Tokens, auth0Tokens } from './auth0-tokens.ts'
import { cognitoTokens } from './cognito-tokens.ts'
import { entraTokens } from './entra-tokens.ts'
import { keycloakTokens } from './keycloak-tokens.ts'
import { oktaTokens } from './okta-tokens.ts'
import type { ProviderToken } from './provider-token.ts'

/**
 * Tokens of Keycloak, Microsoft Entra ID (versions 1.0 and 2.0), Auth0 (both dialects), Okta (a custom
 * authorization server) and Amazon Cognito: header and claims as they issue them, to be signed by a mint
 * of your own with RS256. Each client may `orders:read`, or what the provider has for it.
 *
 * Entra and Auth0 give tokens an issuer that ends in a slash or has a path: give it to the mint.
 */
export const PROVIDER_TOKENS: readonly ProviderToken[] = Object.freeze([
  ...keycloakTokens(),
  ...entraTokens('1.0'),
  ...entraTokens('2.0'),
  ...auth0Tokens(),
  ...auth0Rfc9068Tokens(),
  ...oktaTokens(),
  ...cognitoTokens(),
])
