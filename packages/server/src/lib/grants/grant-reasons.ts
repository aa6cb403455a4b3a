import type { RefusalReasonEntry } from '../refusal-reasons.ts'

/** Why an authenticated client was not granted what it asks for. */
export type GrantReason =
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

const NOT_GRANTED = 'the scope is not granted to this client'
const NO_TARGET = 'the resource is not granted to this client'

/** What is known of each {@link GrantReason}. */
export const GRANT_REASONS: Readonly<Record<GrantReason, RefusalReasonEntry>> = {
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
}
