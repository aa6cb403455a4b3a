import { RFC9068_PROFILE } from './rfc9068-profile.ts'
import type { TokenProfile } from './token-profile.ts'

/**
 * Access tokens under FAPI 2.0: as the standard has them, bound to their sender, and signed with PS256,
 * ES256 or Ed25519.
 *
 * Source: FAPI 2.0 Security Profile sections 5.3.2.1, 5.3.4 and 5.4.1.
 */
export const FAPI2_PROFILE: TokenProfile = Object.freeze({
  ...RFC9068_PROFILE,
  name: 'fapi2',
  algorithms: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
  otherAlgorithms: false,
  bound: true,
  notBeforeTolerance: 10_000,
} satisfies TokenProfile)
