import type { RefusalReasonEntry } from '../refusal-reasons.ts'

/** Why a token could not be bound to its sender. */
export type ConstraintReason =
  | 'sender_constraint_missing'
  | 'dpop_nonce_needed'
  | 'dpop_proof_invalid'
  | 'dpop_proof_replayed'

/** What is known of each {@link ConstraintReason}. */
export const CONSTRAINT_REASONS: Readonly<Record<ConstraintReason, RefusalReasonEntry>> = {
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
}
