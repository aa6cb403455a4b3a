import type { TokenErrorCode } from '@countersign/protocol'
import {
  AUTHENTICATION_REASONS,
  NOT_AUTHENTICATED,
  type AuthenticationReason,
} from './client-authentication/authentication-reasons.ts'

/** What is known about one reason for refusing a token request. */
export interface RefusalReasonEntry {
  /** The `error` member of the answer. */
  readonly error: TokenErrorCode
  readonly status: 400 | 401 | 408 | 413
  /**
   * The `error_description` of the answer: constant, and the same for reasons that a stranger must
   * not be able to tell apart.
   */
  readonly description: string
  /** What happened, exactly. For the operator only. */
  readonly meaning: string
  /** What puts it right. For the operator only. */
  readonly cure: string
}

/** Why a token request was refused, exactly; one of the names in {@link REFUSAL_REASONS}. */
export type RefusalReason =
  | 'media_type'
  | 'body_too_large'
  | 'body_unreadable'
  | 'body_late'
  | 'parameter_repeated'
  | 'request_malformed'
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
  | 'grant_type_unsupported'
  | 'client_without_grants'
  | 'scope_malformed'
  | 'scope_not_granted'
  | 'scope_across_resources'
  | 'resource_malformed'
  | 'several_resources'
  | 'resource_not_granted'
  | 'resource_ambiguous'
  | 'authorization_details_malformed'
  | 'authorization_details_not_granted'
  | 'authorization_details_invalid'
  | 'sender_constraint_missing'
  | 'dpop_nonce_needed'
  | 'dpop_proof_invalid'
  | 'dpop_proof_replayed'
  | 'token_missing'
  | 'token_of_another_client'
  | 'usage_malformed'
  | 'usage_not_for_caller'
  | AuthenticationReason

const NOT_GRANTED = 'the scope is not granted to this client'
const NO_TARGET = 'the resource is not granted to this client'

/**
 * Every reason a token request is refused for, by the name it has in events.
 *
 * The client learns `error`, `status` and `description`; the operator's event says the reason itself.
 * Source: RFC 6749 section 5.2; RFC 8707 section 2 for `invalid_target`.
 */
export const REFUSAL_REASONS: Readonly<Record<RefusalReason, RefusalReasonEntry>> = {
  ...AUTHENTICATION_REASONS,
  media_type: {
    error: 'invalid_request',
    status: 400,
    description: 'the body must be application/x-www-form-urlencoded',
    meaning: 'The Content-Type is missing or another one, or the body is compressed.',
    cure: 'Send the parameters as a form body: URLSearchParams gives it in JavaScript.',
  },
  body_too_large: {
    error: 'invalid_request',
    status: 413,
    description: 'the body is too large',
    meaning: 'The body is over 16 KiB.',
    cure: 'A token request is a few hundred bytes: look at what the client sends.',
  },
  body_unreadable: {
    error: 'invalid_request',
    status: 400,
    description: 'the body could not be read',
    meaning: 'The body is no form, or the connection ended before all of it was there.',
    cure: 'Check how the client encodes the form; a percent sign must be written %25.',
  },
  body_late: {
    error: 'invalid_request',
    status: 408,
    description: 'the body did not arrive in time',
    meaning: 'The headers came, and the body was not whole within bodyTimeout.',
    cure: 'Look at the network and at proxies between; many at once are an attack with slow bodies.',
  },
  parameter_repeated: {
    error: 'invalid_request',
    status: 400,
    description: 'a parameter was sent more than once',
    meaning: 'A parameter other than resource stands in the body twice.',
    cure: 'Send each parameter once. Scopes go into one parameter, separated by blanks.',
  },
  request_malformed: {
    error: 'invalid_request',
    status: 400,
    description: 'grant_type is missing',
    meaning: 'The body has no grant_type.',
    cure: 'Send grant_type=client_credentials.',
  },
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
  credentials_missing: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The request carries no client secret.',
    cure: 'Send client identifier and secret by Basic, or both in the body.',
  },
  method_unsupported: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The client authenticates in a way that this server does not offer.',
    cure: 'Use one of token_endpoint_auth_methods_supported in the metadata.',
  },
  method_not_allowed: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The client proved who it is, by a method that its policy does not allow.',
    cure: 'Use one of the methods the client is registered for, or allow this one.',
  },
  basic_malformed: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The Basic header is not base64 of identifier:secret, each form-encoded.',
    cure: 'Form-encode both, join them with a colon, then base64. Send one Authorization header.',
  },
  client_unknown: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'No client has this identifier.',
    cure: 'Check the identifier, the issuer, and whether the client was created on this server.',
  },
  client_disabled: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The secret is right and the client is disabled.',
    cure: 'Enable the client if it should work again.',
  },
  secret_malformed: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The secret does not have the form of one made here: its checksum does not fit.',
    cure: 'It was probably cut, or copied with a blank or a line end. Copy it again.',
  },
  secret_expired: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The secret was right once; it has expired or was disabled.',
    cure: 'Give the client the newest secret.',
  },
  secret_wrong: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'The secret is well formed and belongs to no credential of this client.',
    cure: 'Check that identifier and secret belong together; rotate the secret if it is lost.',
  },
  master_key_missing: {
    error: 'invalid_client',
    status: 401,
    description: NOT_AUTHENTICATED,
    meaning: 'No secret of this client can be checked: the master key of its digests is not here.',
    cure: 'Start the server with every master key that secrets were made under.',
  },
  grant_type_unsupported: {
    error: 'unsupported_grant_type',
    status: 400,
    description: 'this server offers client_credentials',
    meaning: 'The grant type is not one that this server offers.',
    cure: 'Send grant_type=client_credentials.',
  },
  client_without_grants: {
    error: 'unauthorized_client',
    status: 400,
    description: 'this client is granted nothing',
    meaning: 'The client asked for no scope and no resource, and it has no grant at all.',
    cure: 'Grant it scopes at a resource.',
  },
  scope_malformed: {
    error: 'invalid_scope',
    status: 400,
    description: 'the scope is malformed',
    meaning: 'The scope holds a character that no scope may have.',
    cure: 'Separate scopes by one blank; commas and quotes belong to none.',
  },
  scope_not_granted: {
    error: 'invalid_scope',
    status: 400,
    description: NOT_GRANTED,
    meaning: 'A scope asked for is not in the grant of this client, or exists nowhere.',
    cure: 'Ask for less, or add the scope to the grant.',
  },
  scope_across_resources: {
    error: 'invalid_scope',
    status: 400,
    description: NOT_GRANTED,
    meaning: 'No single resource has all the scopes, though each is granted somewhere.',
    cure: 'A token is for one resource: ask for one token at each.',
  },
  resource_malformed: {
    error: 'invalid_target',
    status: 400,
    description: 'the resource is malformed',
    meaning: 'The resource is not an absolute URI without a fragment.',
    cure: 'Send the resource indicator as it was registered.',
  },
  several_resources: {
    error: 'invalid_target',
    status: 400,
    description: 'one resource per token',
    meaning: 'The request names several resources, or resource and audience differ.',
    cure: 'Ask for one token at each resource.',
  },
  resource_not_granted: {
    error: 'invalid_target',
    status: 400,
    description: NO_TARGET,
    meaning: 'The client has no grant at this resource, or it is unknown or disabled.',
    cure: 'Check the resource letter by letter, a trailing slash included; then grant it.',
  },
  resource_ambiguous: {
    error: 'invalid_target',
    status: 400,
    description: 'name one resource',
    meaning: 'Several granted resources fit the request.',
    cure: 'Send the resource parameter.',
  },
  authorization_details_malformed: {
    error: 'invalid_authorization_details',
    status: 400,
    description: 'authorization_details is malformed',
    meaning: 'It is no JSON array of 1 to 10 objects with a type, of at most 4,096 characters.',
    cure: 'Send one JSON array, form-encoded once.',
  },
  authorization_details_not_granted: {
    error: 'invalid_authorization_details',
    status: 400,
    description: 'an authorization details type is not granted to this client',
    meaning: 'The resource takes no such type, or the grant does not name it.',
    cure: 'Declare the type at the resource, and name it in the grant of the client.',
  },
  authorization_details_invalid: {
    error: 'invalid_authorization_details',
    status: 400,
    description: 'a member of the authorization details is unknown, missing or of the wrong kind',
    meaning: 'An object does not fit the schema that the resource has for its type.',
    cure: 'Compare what the client sends with the schema of the type at the resource.',
  },
  sender_constraint_missing: {
    error: 'invalid_request',
    status: 400,
    description: 'tokens for this resource must be bound to their sender',
    meaning:
      'The resource takes no bearer token, and the request has no DPoP proof or certificate.',
    cure: 'Give the client a DPoP key or a certificate, whichever the resource asks for.',
  },
  dpop_nonce_needed: {
    error: 'use_dpop_nonce',
    status: 400,
    description: 'the DPoP proof must hold the nonce of the DPoP-Nonce header',
    meaning: 'The DPoP proof has no nonce and needs one, or has one that is not ours or too old.',
    cure: 'Nothing: a client sends the next proof with the nonce that the answer brings.',
  },
  dpop_proof_invalid: {
    error: 'invalid_dpop_proof',
    status: 400,
    description: 'the DPoP proof does not hold',
    meaning: 'The DPoP proof does not hold; the detail says what is wrong with it.',
    cure: 'Mostly the clock, or a proxy before this server that changes the address it is called by.',
  },
  dpop_proof_replayed: {
    error: 'invalid_dpop_proof',
    status: 400,
    description: 'the DPoP proof was used before',
    meaning: 'The DPoP proof was used before.',
    cure: 'Make a new proof, with a new jti, for each request and each retry.',
  },
  token_missing: {
    error: 'invalid_request',
    status: 400,
    description: 'token is missing',
    meaning: 'A request to the introspection or revocation endpoint has no token.',
    cure: 'Send the token in the body, as the parameter token.',
  },
  token_of_another_client: {
    error: 'invalid_grant',
    status: 400,
    description: 'the token was issued to another client',
    meaning: 'A client asked to revoke a token that was issued to another one.',
    cure: 'Revoke with the client that got the token, or through the administration.',
  },
  usage_malformed: {
    error: 'invalid_request',
    status: 400,
    description: 'usage is malformed',
    meaning:
      'usage is no JSON object whose uses has 1 to 200 entries of client, scope, count and last use.',
    cure: 'Send what scopeUsage of @countersign/guard sends; the format is in docs/guard/seeing.md.',
  },
  usage_not_for_caller: {
    error: 'invalid_target',
    status: 400,
    description: 'this client may not report on the resource',
    meaning:
      'The resource is missing or unknown, or the client is not among its introspectionClients.',
    cure: 'Let the API report as a client that may introspect its tokens, and on itself alone.',
  },
}
