import type { RefusalReasonEntry } from '../refusal-reasons.ts'

/** Why an endpoint refused a request for what it says, whoever sent it. */
export type EndpointReason =
  | 'media_type'
  | 'body_too_large'
  | 'body_unreadable'
  | 'body_late'
  | 'parameter_repeated'
  | 'request_malformed'
  | 'token_missing'
  | 'token_of_another_client'
  | 'usage_malformed'
  | 'usage_not_for_caller'

/** What is known of each {@link EndpointReason}. */
export const ENDPOINT_REASONS: Readonly<Record<EndpointReason, RefusalReasonEntry>> = {
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
