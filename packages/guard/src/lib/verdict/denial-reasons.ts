import { BINDING_DENIALS, type BindingDenialReason } from './binding-denials.ts'
import { REVOCATION_DENIALS, type RevocationDenialReason } from './revocation-denials.ts'

/** One way in which a request is denied. */
export interface Denial {
  readonly status: 400 | 401 | 403 | 503
  /** The error code on the wire; none where the request carried no token (RFC 6750 section 3.1). */
  readonly error:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | 'temporarily_unavailable'
    | undefined
  /** The constant text on the wire. Safe for anyone to read. */
  readonly description: string
  /** What happened, for the owner of the API. */
  readonly meaning: string
  /** What to do about it. */
  readonly cure: string
}

/** Why a request was denied. Stable: switch on it. */
export type DenialReason =
  | 'no_credentials'
  | 'malformed_credentials'
  | 'malformed_token'
  | 'algorithm_not_allowed'
  | 'wrong_type'
  | 'unknown_key'
  | 'bad_signature'
  | 'malformed_claims'
  | 'unknown_issuer'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_future'
  | 'binding_unsupported'
  | 'principal_kind'
  | 'insufficient_scope'
  | 'keys_unavailable'
  | 'inactive'
  | 'introspection_unavailable'
  | 'introspection_limited'
  | RevocationDenialReason
  | BindingDenialReason

/**
 * Every reason a guard gives, with what it means and what to do.
 *
 * The wire sees `error` and `description` only.
 * Source: RFC 6750 sections 3 and 3.1 for status and error; RFC 9449 section 7.1.
 */
export const DENIAL_REASONS: Readonly<Record<DenialReason, Denial>> = Object.freeze({
  no_credentials: Object.freeze({
    status: 401,
    error: undefined,
    description: 'this API needs an access token in the Authorization header',
    meaning: 'There is no Bearer token in the Authorization header. Query and body are never read.',
    cure: 'Send `Authorization: Bearer <token>`.',
  }),
  malformed_credentials: Object.freeze({
    status: 400,
    error: 'invalid_request',
    description: 'the Authorization header must hold one Bearer token and nothing else',
    meaning: 'The header is repeated, or what follows `Bearer` is not a token.',
    cure: 'Send one Authorization header; look for a proxy or an interceptor that adds another.',
  }),
  malformed_token: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is not a signed JWT',
    meaning:
      'The token is opaque, encrypted, cut short, too long, or has a header nobody may send.',
    cure: 'Ask the authorization server for a JWT access token for this API (its resource).',
  }),
  algorithm_not_allowed: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is signed with an algorithm that is not accepted here',
    meaning: 'The header names an algorithm outside the `algorithms` option.',
    cure: 'Change the signing algorithm of this resource at the issuer, or the option.',
  }),
  wrong_type: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the token is not an access token',
    meaning:
      'The JWT is not marked as an access token in the way of the `profile`, as by `typ` `at+jwt`: an ID token, an assertion, or an issuer that needs another profile.',
    cure: 'Send the access token; let the issuer sign RFC 9068 access tokens, or set `profile`.',
  }),
  unknown_key: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is signed with an unknown key',
    meaning: 'The issuer publishes no key that fits the `kid` and algorithm of the token.',
    cure: 'Get another token; check that it comes from this issuer.',
  }),
  bad_signature: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the signature of the access token is wrong',
    meaning: 'The token was changed after signing, or signed by somebody else.',
    cure: 'Get another token; look for code that rewrites headers.',
  }),
  malformed_claims: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token lacks a required claim or holds one of the wrong type',
    meaning:
      'A claim that RFC 9068, or the `profile`, demands is missing, has another type than it must, or contradicts another.',
    cure: 'Let the issuer send iss, sub, client_id, aud, exp, iat and jti as RFC 9068 says.',
  }),
  unknown_issuer: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is from another issuer',
    meaning:
      'The `iss` claim is, letter by letter, none of the `issuers`. Nothing else was looked at.',
    cure: 'Compare them; a trailing slash counts. Entra has an issuer for each version of its tokens.',
  }),
  wrong_issuer: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is from another issuer',
    meaning: 'The `iss` claim is not, letter by letter, the configured issuer.',
    cure: 'Compare both; a trailing slash counts.',
  }),
  wrong_audience: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is for another API',
    meaning:
      'The `aud` claim holds none of the configured audiences; where tokens have none, the client is not among `clients`.',
    cure: 'Ask for a token for this API: the client names it as `resource` or `audience`.',
  }),
  expired: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token has expired',
    meaning: 'The `exp` instant has passed, tolerance included.',
    cure: 'Get another token. If it is fresh, compare the clocks.',
  }),
  not_yet_valid: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is not valid yet',
    meaning: 'The `nbf` instant lies ahead, tolerance included.',
    cure: 'Compare the clocks of the issuer and of this machine.',
  }),
  issued_in_future: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token was issued in the future',
    meaning: 'The `iat` instant lies more than 60 seconds ahead.',
    cure: 'Compare the clocks of the issuer and of this machine.',
  }),
  binding_unsupported: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is bound to a key and cannot be used as a bearer token',
    meaning: 'The token has a `cnf` claim that this guard cannot check, or cannot check whole.',
    cure: 'Set `dpop` or `certificates`, whichever binds tokens for this API at the issuer.',
  }),
  principal_kind: Object.freeze({
    status: 403,
    error: 'insufficient_scope',
    description: 'this route does not take tokens of this kind of principal',
    meaning: "A user's token on a route for clients, or the other way round.",
    cure: "Set the rule's `principal`, or let the caller use a token of its own.",
  }),
  insufficient_scope: Object.freeze({
    status: 403,
    error: 'insufficient_scope',
    description: 'the access token lacks a scope that this route needs',
    meaning: 'The token is good, but its scopes do not satisfy the rule.',
    cure: 'Grant the scope to the client, and let the client ask for it.',
  }),
  keys_unavailable: Object.freeze({
    status: 503,
    error: 'temporarily_unavailable',
    description: 'access tokens cannot be checked at the moment',
    meaning: "The issuer's keys cannot be loaded and none that fits is held.",
    cure: 'Look at the `load_failed` events: they say which document fails and how.',
  }),
  inactive: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is not active',
    meaning:
      'The issuer says so: it is expired, revoked, unknown, or this API may not ask about it.',
    cure: 'Get another token. If each is refused, let the issuer allow this API to introspect.',
  }),
  introspection_unavailable: Object.freeze({
    status: 503,
    error: 'temporarily_unavailable',
    description: 'access tokens cannot be looked up at the moment',
    meaning: 'The issuer gave no usable answer about the token, and none is held.',
    cure: 'Look at the `introspection_failed` events: `unauthorized` is about our own credentials.',
  }),
  introspection_limited: Object.freeze({
    status: 503,
    error: 'temporarily_unavailable',
    description: 'no more access tokens of this caller can be looked up at the moment',
    meaning:
      'No answer about the token is held, and `introspection.mayAsk` lets this caller ask no more.',
    cure: 'Find out who sends so many tokens that the issuer must be asked about, or raise the limit.',
  }),
  ...REVOCATION_DENIALS,
  ...BINDING_DENIALS,
})
