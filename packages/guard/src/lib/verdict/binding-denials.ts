import { DPOP_FAULTS, type DpopFault } from '@countersign/verify'
import type { Denial } from './denial-reasons.ts'

/** Why a request was denied whose token is bound to a key or a certificate, or should be. */
export type BindingDenialReason =
  | 'binding_required'
  | 'dpop_required'
  | 'dpop_not_bound'
  | `dpop_${DpopFault}`
  | 'dpop_replayed'
  | 'replay_unavailable'
  | 'replay_full'
  | 'certificate_missing'
  | 'certificate_mismatch'
  | 'certificate_untrusted_proxy'
  | 'certificate_several'
  | 'certificate_malformed'

const SIGN_ANEW = 'Make a new proof for every request, with the client of this project or another.'
const CLOCKS = 'Compare the clocks of the client and of this machine, or give nonces out.'

/** Each of them, with what it means and what to do. Source: RFC 9449 section 7.1; RFC 8705 section 3. */
export const BINDING_DENIALS: Readonly<Record<BindingDenialReason, Denial>> = Object.freeze({
  binding_required: invalidToken(
    'this API takes only access tokens that are bound to their sender',
    'The token is a plain bearer token, and `binding` is `required`.',
    'Let the issuer bind tokens for this API by DPoP or to client certificates.',
  ),
  dpop_required: invalidToken(
    'the access token is bound to a key and must come with the scheme DPoP and a proof',
    'A token bound by DPoP came with the scheme `Bearer`: whoever sent it may have stolen it.',
    'Send `Authorization: DPoP <token>` and a `DPoP` header with a proof.',
  ),
  dpop_not_bound: invalidToken(
    'the access token is not bound to a key and cannot come with the scheme DPoP',
    'The scheme is `DPoP` and the token has no `cnf.jkt`.',
    'Send it with the scheme `Bearer`, or ask the issuer for a bound token.',
  ),
  dpop_no_proof: invalidProof(
    'no_proof',
    'The token is bound to a key and there is no `DPoP` header.',
    'Send a proof with the token; look for a proxy that drops the header.',
  ),
  dpop_several_proofs: invalidProof(
    'several_proofs',
    'There is more than one `DPoP` header, or more than one proof in it.',
    'Send one; look for an interceptor that adds another.',
  ),
  dpop_malformed_proof: invalidProof(
    'malformed_proof',
    'The proof cannot be read, is too long, or lacks a member of its header or a claim.',
    SIGN_ANEW,
  ),
  dpop_wrong_type: invalidProof(
    'wrong_type',
    'The header `typ` of the proof is not `dpop+jwt`.',
    SIGN_ANEW,
  ),
  dpop_algorithm_not_allowed: invalidProof(
    'algorithm_not_allowed',
    'The proof is signed with an algorithm outside `dpop.algorithms`.',
    'Use a key of an algorithm that the challenge names in `algs`, or change the option.',
  ),
  dpop_private_key: invalidProof(
    'private_key',
    'The header of the proof holds a private or symmetric key.',
    'Throw the key away: it has been sent. Put the public key alone into the header.',
  ),
  dpop_unusable_key: invalidProof(
    'unusable_key',
    'The key in the header is too small, is no key, or is for another algorithm.',
    'Make a key of its own for DPoP, such as ES256.',
  ),
  dpop_bad_signature: invalidProof(
    'bad_signature',
    'The proof was changed, or is not signed with the key in its header.',
    SIGN_ANEW,
  ),
  dpop_wrong_method: invalidProof(
    'wrong_method',
    'The `htm` of the proof is not the method of the request.',
    SIGN_ANEW,
  ),
  dpop_wrong_url: invalidProof(
    'wrong_url',
    'The `htu` of the proof is not the address of the request as this guard knows it.',
    'Set `dpop.baseUrl` to the address that clients call, with the path that a proxy takes away.',
  ),
  dpop_no_nonce: invalidProof(
    'no_nonce',
    'The proof holds no nonce. Each client meets this once, at its first request.',
    'Repeat the request with the nonce of the `DPoP-Nonce` header.',
  ),
  dpop_wrong_nonce: invalidProof(
    'wrong_nonce',
    'The nonce of the proof is too old, or not from here.',
    'Repeat the request with the new nonce. If it goes on, share `dpop.nonces.secrets` between instances.',
  ),
  dpop_too_old: invalidProof(
    'too_old',
    'The `iat` of the proof lies further back than `dpop.maxAge`.',
    CLOCKS,
  ),
  dpop_issued_in_future: invalidProof(
    'issued_in_future',
    'The `iat` of the proof lies further ahead than `dpop.clockTolerance`.',
    CLOCKS,
  ),
  dpop_wrong_token_hash: invalidProof(
    'wrong_token_hash',
    'The `ath` of the proof is missing or not the digest of the token that came along.',
    'Make the proof for the very token that is sent.',
  ),
  dpop_wrong_key: invalidProof(
    'wrong_key',
    'The proof is by another key than the token is bound to (`cnf.jkt`).',
    'Use the key that the token was asked for with. Processes that share a token share the key.',
  ),
  dpop_replayed: Object.freeze({
    status: 401,
    error: 'invalid_dpop_proof',
    description: 'the DPoP proof has been used before',
    meaning: 'The same proof came twice: repeated by a proxy, or stolen.',
    cure: SIGN_ANEW,
  }),
  replay_unavailable: Object.freeze({
    status: 503,
    error: 'temporarily_unavailable',
    description: 'DPoP proofs cannot be checked at the moment',
    meaning: 'The `dpop.replay` store fails or is late: nobody can say what was used.',
    cure: 'Look at the store. `dpop.onReplayStoreError` decides whether such requests go on.',
  }),
  replay_full: Object.freeze({
    status: 503,
    error: 'temporarily_unavailable',
    description: 'too many DPoP proofs have been used lately',
    meaning:
      'The proofs that still count, of this client or of all, fill what may be remembered of them.',
    cure: 'Find out who sends so many. Raise `dpop.maxRemembered`, or shorten `dpop.maxAge`.',
  }),
  certificate_missing: invalidToken(
    'the access token is bound to a client certificate, and there is none',
    'The connection brought no client certificate, or the proxy sent none.',
    'Call with the certificate that the token was asked for with; let the TLS server ask for it.',
  ),
  certificate_mismatch: invalidToken(
    'the access token is bound to another client certificate',
    'The certificate is not the one in `cnf` (`x5t#S256`).',
    'Call with the certificate that the token was asked for with. A renewed one needs a new token.',
  ),
  certificate_untrusted_proxy: invalidRequest(
    'the client certificate header is not taken from this sender',
    'The header came from an address outside `certificates.trustedProxies`, or none is known.',
    'Add the proxy, or find out who sends the header.',
  ),
  certificate_several: invalidRequest(
    'there is more than one client certificate header',
    'The header is repeated: the proxy adds to what clients send.',
    'Let the proxy replace what clients send.',
  ),
  certificate_malformed: invalidRequest(
    'the client certificate cannot be read',
    'The connection or the header holds no certificate in the form agreed on.',
    'Compare `certificates.format` with what the proxy sends.',
  ),
})

function invalidToken(description: string, meaning: string, cure: string): Denial {
  return Object.freeze({ status: 401, error: 'invalid_token', description, meaning, cure })
}

function invalidRequest(description: string, meaning: string, cure: string): Denial {
  return Object.freeze({ status: 400, error: 'invalid_request', description, meaning, cure })
}

function invalidProof(fault: DpopFault, meaning: string, cure: string): Denial {
  const { error, description } = DPOP_FAULTS[fault]
  return Object.freeze({ status: 401, error, description, meaning, cure })
}
