import type { RefusalReasonEntry } from '../refusal-reasons.ts'
import { notAuthenticated } from './authentication-reasons.ts'

/** Why a client was not authenticated: it named itself in no way that counts, or its secret is not good. */
export type SecretReason =
  | 'credentials_in_query'
  | 'several_methods'
  | 'client_id_differs'
  | 'credentials_missing'
  | 'method_unsupported'
  | 'method_not_allowed'
  | 'basic_malformed'
  | 'client_unknown'
  | 'client_disabled'
  | 'secret_malformed'
  | 'secret_expired'
  | 'secret_wrong'
  | 'master_key_missing'

/** What is known of each {@link SecretReason}. */
export const SECRET_REASONS: Readonly<Record<SecretReason, RefusalReasonEntry>> = {
  credentials_in_query: {
    error: 'invalid_request',
    status: 400,
    description: 'client credentials must not be in the URL',
    meaning: 'A client credential stands in the query, where logs of every hop keep it.',
    cure: 'Send it in the Authorization header, and rotate the secret: it has been logged.',
  },
  several_methods: {
    error: 'invalid_request',
    status: 400,
    description: 'more than one client authentication method was used',
    meaning: 'The request carries credentials in two ways, such as Basic and client_secret.',
    cure: 'Use one: client_secret_basic where the client can.',
  },
  client_id_differs: {
    error: 'invalid_request',
    status: 400,
    description: 'client_id differs from the authenticated client',
    meaning: 'The body names one client and the Authorization header another.',
    cure: 'Leave client_id out of the body when Basic is used.',
  },
  credentials_missing: notAuthenticated(
    'The request carries no client secret.',
    'Send client identifier and secret by Basic, or both in the body.',
  ),
  method_unsupported: notAuthenticated(
    'The client authenticates in a way that this server does not offer.',
    'Use one of token_endpoint_auth_methods_supported in the metadata.',
  ),
  method_not_allowed: notAuthenticated(
    'The client proved who it is, by a method that its policy does not allow.',
    'Use one of the methods the client is registered for, or allow this one.',
  ),
  basic_malformed: notAuthenticated(
    'The Basic header is not base64 of identifier:secret, each form-encoded.',
    'Form-encode both, join them with a colon, then base64. Send one Authorization header.',
  ),
  client_unknown: notAuthenticated(
    'No client has this identifier.',
    'Check the identifier, the issuer, and whether the client was created on this server.',
  ),
  client_disabled: notAuthenticated(
    'The secret is right and the client is disabled.',
    'Enable the client if it should work again.',
  ),
  secret_malformed: notAuthenticated(
    'The secret does not have the form of one made here: its checksum does not fit.',
    'It was probably cut, or copied with a blank or a line end. Copy it again.',
  ),
  secret_expired: notAuthenticated(
    'The secret was right once; it has expired or was disabled.',
    'Give the client the newest secret.',
  ),
  secret_wrong: notAuthenticated(
    'The secret is well formed and belongs to no credential of this client.',
    'Check that identifier and secret belong together; rotate the secret if it is lost.',
  ),
  master_key_missing: notAuthenticated(
    'No secret of this client can be checked: the master key of its digests is not here.',
    'Start the server with every master key that secrets were made under.',
  ),
}
