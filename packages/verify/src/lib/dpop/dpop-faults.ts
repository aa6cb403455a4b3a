/** Why a DPoP proof was refused. Stable: switch on it. */
export type DpopFault =
  | 'no_proof'
  | 'several_proofs'
  | 'malformed_proof'
  | 'wrong_type'
  | 'algorithm_not_allowed'
  | 'private_key'
  | 'unusable_key'
  | 'bad_signature'
  | 'wrong_method'
  | 'wrong_url'
  | 'no_nonce'
  | 'wrong_nonce'
  | 'too_old'
  | 'issued_in_future'
  | 'wrong_token_hash'
  | 'wrong_key'

/** What a fault is on the wire. */
export interface DpopFaultAnswer {
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce'
  /** A constant text that is safe for anyone to read. */
  readonly description: string
}

/**
 * Every fault with the error code and the text that a server answers with.
 *
 * Source: RFC 9449 sections 5, 7.1, 8 and 9.
 */
export const DPOP_FAULTS: Readonly<Record<DpopFault, DpopFaultAnswer>> = Object.freeze({
  no_proof: invalid('a DPoP proof is needed'),
  several_proofs: invalid('there must be exactly one DPoP header, with one proof'),
  malformed_proof: invalid('the DPoP proof is not a JWT with a key and the claims it must have'),
  wrong_type: invalid('the JWT in the DPoP header is not of type dpop+jwt'),
  algorithm_not_allowed: invalid('the DPoP proof is signed with an algorithm that is not accepted'),
  private_key: invalid('the DPoP proof shows a private or symmetric key'),
  unusable_key: invalid('the key in the DPoP proof is weak, broken or not for its algorithm'),
  bad_signature: invalid('the signature of the DPoP proof is wrong'),
  wrong_method: invalid('the DPoP proof is for another method'),
  wrong_url: invalid('the DPoP proof is for another URL'),
  no_nonce: Object.freeze({
    error: 'use_dpop_nonce',
    description: 'the DPoP proof must hold the nonce of this server',
  }),
  wrong_nonce: Object.freeze({
    error: 'use_dpop_nonce',
    description: 'the nonce in the DPoP proof is not one of this server, or too old',
  }),
  too_old: invalid('the DPoP proof is too old'),
  issued_in_future: invalid('the DPoP proof was made in the future'),
  wrong_token_hash: invalid('the DPoP proof is not for this access token'),
  wrong_key: invalid('the DPoP proof is by another key than the access token is bound to'),
})

function invalid(description: string): DpopFaultAnswer {
  return Object.freeze({ error: 'invalid_dpop_proof', description })
}
