import type { Denial } from './denial-reasons.ts'

/** Why a request was denied whose token ended before its time, or may have. */
export type RevocationDenialReason =
  | 'revoked'
  | 'suspended'
  | 'status_unusable'
  | 'revocation_unavailable'

/** Each of them, with what it means and what to do. Source: RFC 6750 section 3.1 ("revoked"). */
export const REVOCATION_DENIALS: Readonly<Record<RevocationDenialReason, Denial>> = Object.freeze({
  revoked: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token has been revoked',
    meaning:
      'A mark, the feed of the issuer, its status list or the hook says so: of the token itself, its client, credential, key or API.',
    cure: 'Get another token. If that is refused too, look at the issuer what is disabled.',
  }),
  suspended: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the access token is suspended',
    meaning: 'The status list of the issuer says so of this token. It may come back.',
    cure: 'Get another token, or ask the owner of the issuer why it is suspended.',
  }),
  status_unusable: Object.freeze({
    status: 401,
    error: 'invalid_token',
    description: 'the status of the access token cannot be checked here',
    meaning:
      'Its `status` names no status list, one at an address outside `origins`, a place that the list does not have, or a status without a meaning here.',
    cure: 'Allow the origin of the list in `statusLists`, or ask the owner of the issuer.',
  }),
  revocation_unavailable: Object.freeze({
    status: 503,
    error: 'temporarily_unavailable',
    description: 'whether access tokens are revoked cannot be checked at the moment',
    meaning:
      'The feed, the status list or the hook could not be asked, and `whenUnknown` is `refuse`.',
    cure: 'Look at the `revocations_failed` events.',
  }),
})
