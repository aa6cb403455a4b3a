import type { LoadFault } from '@countersign/verify'

/** Why nobody could tell which tokens are revoked. */
export type RevocationFault =
  | LoadFault
  /** The issuer's keys cannot be had, so nobody can say who signed it. */
  | 'keys'
  /** Nobody signed it whose keys the issuer publishes, or with a key that is itself revoked. */
  | 'signature'
  /** It is over, by its own word. */
  | 'expired'
  /** The metadata of the issuer names no feed, or cannot be loaded. */
  | 'no_feed'
  /** The hook threw, or gave something else than a boolean. */
  | 'hook'
