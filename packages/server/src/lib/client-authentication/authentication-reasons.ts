import type { RefusalReasonEntry } from '../refusal-reasons.ts'

/** Why a client was not authenticated, where it did more than send a secret of ours. */
export type AuthenticationReason =
  | 'assertion_type_unsupported'
  | 'assertion_malformed'
  | 'assertion_typ_wrong'
  | 'assertion_issuer_unknown'
  | 'assertion_algorithm_wrong'
  | 'assertion_key_unknown'
  | 'assertion_signature_wrong'
  | 'assertion_subject_wrong'
  | 'assertion_audience_wrong'
  | 'assertion_claim_missing'
  | 'assertion_expired'
  | 'assertion_not_yet_valid'
  | 'assertion_life_too_long'
  | 'assertion_replayed'
  | 'credential_ended'
  | 'issuer_disabled'
  | 'identity_unknown'
  | 'identity_claims_differ'
  | 'identity_ambiguous'
  | 'certificate_proxy_untrusted'
  | 'certificate_malformed'
  | 'certificate_unverified'
  | 'certificate_unknown'

/** The description of every failed authentication: a stranger cannot tell one from another. */
const NOT_AUTHENTICATED = 'client authentication failed'

/** The entry of a reason that a stranger must not be able to tell from others of its kind. */
export function notAuthenticated(meaning: string, cure: string): RefusalReasonEntry {
  return { error: 'invalid_client', status: 401, description: NOT_AUTHENTICATED, meaning, cure }
}

/** What is known of each {@link AuthenticationReason}. */
export const AUTHENTICATION_REASONS: Readonly<Record<AuthenticationReason, RefusalReasonEntry>> = {
  assertion_type_unsupported: notAuthenticated(
    'client_assertion and client_assertion_type do not come together, or the type is unknown.',
    'Send client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer with it.',
  ),
  assertion_malformed: notAuthenticated(
    'The assertion is not a signed JWT in compact form, or it has a header that is not understood.',
    'Send header.claims.signature in base64url without padding, at most 16 KiB, without crit.',
  ),
  assertion_typ_wrong: notAuthenticated(
    'The typ of the assertion is that of another kind of JWT.',
    'Set typ to client-authentication+jwt, or leave it out.',
  ),
  assertion_issuer_unknown: notAuthenticated(
    'iss and sub differ, as in an assertion about a workload, and the issuer is not trusted here.',
    'Set iss and sub to the client identifier, or register the issuer of the workload.',
  ),
  assertion_algorithm_wrong: notAuthenticated(
    'No credential of this client takes the algorithm that the assertion is signed with.',
    'Sign with the algorithm the key is registered for, or register the key for this one.',
  ),
  assertion_key_unknown: notAuthenticated(
    'The client has no key with the kid of the assertion, or no key for assertions at all.',
    'Register the public key, publish it in the key set, or correct the kid.',
  ),
  assertion_signature_wrong: notAuthenticated(
    'The signature of the assertion is by none of the keys registered for this client.',
    'Sign with the private key whose public half is registered here.',
  ),
  assertion_subject_wrong: notAuthenticated(
    'iss and sub of the assertion are not both the client identifier.',
    'Set both to the client identifier.',
  ),
  assertion_audience_wrong: notAuthenticated(
    'aud of the assertion is not the one it must have: our issuer, as one string.',
    'Set aud to the issuer. For an older client see the option assertionAudience.',
  ),
  assertion_claim_missing: notAuthenticated(
    'A claim that the assertion must have is missing or of the wrong type; the detail names it.',
    'An assertion has iss, sub, aud, exp and jti; exp, iat and nbf are numbers of seconds.',
  ),
  assertion_expired: notAuthenticated(
    'The assertion has expired. The detail says how far its clock is from ours.',
    'Make a new assertion for each request, and set the clock of the client.',
  ),
  assertion_not_yet_valid: notAuthenticated(
    'iat or nbf of the assertion is in the future. The detail says how far its clock is from ours.',
    'Set the clock of the client.',
  ),
  assertion_life_too_long: notAuthenticated(
    'exp of the assertion is further ahead than is accepted.',
    'Let assertions live for a minute. Where they do, set the clock of the client.',
  ),
  assertion_replayed: notAuthenticated(
    'The assertion was used before: its jti is known.',
    'Make a new assertion, with a new jti, for each request and each retry.',
  ),
  credential_ended: notAuthenticated(
    'The credential was right once; it has expired or was disabled.',
    'Give the client a credential that is in force.',
  ),
  issuer_disabled: notAuthenticated(
    'The trusted issuer of the assertion is disabled.',
    'Enable the issuer if it should be trusted again.',
  ),
  identity_unknown: notAuthenticated(
    'The assertion is genuine, and no federated credential names its issuer and its subject.',
    'Give the client a federated credential with this sub, letter by letter.',
  ),
  identity_claims_differ: notAuthenticated(
    'The assertion is genuine and about the right subject, but a claim is not as registered.',
    'Compare the claims of the federated credential with those of the assertion.',
  ),
  identity_ambiguous: notAuthenticated(
    'The assertion fits federated credentials of several clients, and the request names none.',
    'Send client_id with it.',
  ),
  certificate_proxy_untrusted: notAuthenticated(
    'A header with a client certificate came from an address that is no trusted proxy.',
    'Add the proxy to trustedProxies. If it is none of yours, somebody tries to be somebody.',
  ),
  certificate_malformed: notAuthenticated(
    'The header of the proxy holds no certificate in the format it was agreed on, or several.',
    'Check the format, and that the proxy replaces what clients send in that header.',
  ),
  certificate_unverified: notAuthenticated(
    'The certificate has the registered name, but nobody found its chain good.',
    'Have the TLS layer or the proxy check it against your authority, and pass its verdict on.',
  ),
  certificate_unknown: notAuthenticated(
    'The client has no credential for this certificate.',
    'Register the certificate, or the one name in it that counts.',
  ),
}
