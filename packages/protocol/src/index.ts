/**
 * The wire shapes of the OAuth 2.0 client credentials flow, as pairs of parse and format.
 *
 * Pure: no I/O, no clock, no dependencies. Parsing gives a value or a reason, never an exception.
 *
 * @module
 */
export { ArgumentError, type ArgumentErrorCode } from './lib/arguments/argument-error.ts'
export {
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalSecureUrl,
  optionalString,
  requiredString,
} from './lib/arguments/known-options.ts'
export { nearestName } from './lib/arguments/nearest-name.ts'
export { parsed, unparsed, type Parsed, type Unparsed } from './lib/parsed.ts'

export { isInRanges, parseAddressRange, type AddressRange } from './lib/address/address-range.ts'
export { formatIpAddress, parseIpAddress } from './lib/address/ip-address.ts'
export { isPublicAddress } from './lib/address/public-address.ts'
export { metadataUrls, parseIssuer, type Issuer } from './lib/address/issuer.ts'
export { parseResource, type Resource } from './lib/address/resource.ts'
export { isLoopback, isSecureUrl, parseSecureUrl } from './lib/address/secure-url.ts'

export {
  MAX_CERTIFICATE,
  parseCertificate,
  type Certificate,
} from './lib/certificate/certificate.ts'
export {
  formatClientCert,
  parseBase64Der,
  parseClientCert,
  parseEscapedPem,
  parseForwardedClientCert,
  type ForwardedClientCert,
} from './lib/certificate/client-cert-field.ts'
export {
  formatDistinguishedName,
  isSameDistinguishedName,
  parseDistinguishedName,
  type DistinguishedName,
  type NameAttribute,
} from './lib/certificate/distinguished-name.ts'

export {
  MAX_SEALED,
  openText,
  sealText,
  type Opened,
  type SealFault,
} from './lib/sealing/sealed-text.ts'
export {
  generateStoreKey,
  storeKeyRing,
  type StoreKey,
  type StorePurpose,
} from './lib/sealing/store-key-ring.ts'
export { storeName } from './lib/sealing/store-name.ts'

export { formatBase64url, parseBase64url } from './lib/text/base64url.ts'
export { readBoundedText } from './lib/text/bounded-text.ts'
export { isJsonObject, parseJsonObject, type JsonObject } from './lib/text/json-object.ts'

export {
  ACCESS_TOKEN_TYPE,
  parseAccessTokenClaims,
  type AccessTokenClaims,
} from './lib/token/access-token-claims.ts'
export {
  formatAuthorizationDetails,
  MAX_AUTHORIZATION_DETAILS,
  parseAuthorizationDetails,
  type AuthorizationDetail,
} from './lib/token/authorization-details.ts'
export {
  formatBasicCredentials,
  isEncodingNeutral,
  parseBasicCredentials,
  type BasicCredentials,
  type BasicEncoding,
} from './lib/token/basic-credentials.ts'
export {
  formatTokenAuthorization,
  findTokenAuthorization,
  isTokenText,
  parseTokenAuthorization,
  type TokenAuthorization,
  type TokenType,
} from './lib/token/bearer-token.ts'
export {
  formatErrorResponse,
  parseErrorResponse,
  TOKEN_ERROR_CODES,
  type ErrorResponse,
  type TokenErrorCode,
} from './lib/token/error-response.ts'
export { formatForm, parseForm, singleParameter, type Form } from './lib/token/form.ts'
export { formatScope, isScopeToken, parseScope, type ScopeToken } from './lib/token/scope.ts'
export {
  formatTokenRequest,
  parseTokenRequest,
  TOKEN_REQUEST_PARAMETERS,
  tokenRequestParameters,
  type ParsedTokenRequest,
  type TokenRequestFault,
  type TokenRequestMessage,
} from './lib/token/token-request.ts'
export {
  formatTokenResponse,
  MAX_EXPIRES_IN,
  parseTokenResponse,
  type TokenResponse,
} from './lib/token/token-response.ts'

export {
  DPOP_PROOF_TYPE,
  MAX_DPOP_PROOF,
  parseDpopProof,
  type DpopProof,
} from './lib/dpop/dpop-proof.ts'
export { dpopTarget } from './lib/dpop/dpop-target.ts'

export {
  formatChallenges,
  parseChallenges,
  type Challenge,
} from './lib/challenge/www-authenticate.ts'
export {
  formatAuthorizationServerMetadata,
  parseAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from './lib/metadata/authorization-server-metadata.ts'

export {
  formatCompactJws,
  formatSigningInput,
  MAX_COMPACT_JWS,
  parseCompactJws,
  type CompactJws,
  type JwsHeader,
} from './lib/jose/compact-jws.ts'
export { formatDerSignature, parseDerSignature } from './lib/jose/ecdsa-signature.ts'
export { thumbprintInput } from './lib/jose/jwk-thumbprint.ts'
export { formatJwkSet, parseJwkSet, type VerificationJwk } from './lib/jose/jwk-set.ts'
