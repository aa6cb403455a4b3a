/** The client authentication methods there are, by their registered names. */
export const AUTHENTICATION_METHOD_NAMES = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
] as const

/**
 * One of the client authentication methods. An assertion of a trusted issuer counts as
 * `private_key_jwt`: on the wire it is one.
 */
export type AuthenticationMethodName = (typeof AUTHENTICATION_METHOD_NAMES)[number]
