import { ACCESS_TOKEN_TYPE } from '@countersign/protocol'
import { DEFAULT_SIGNATURE_ALGORITHMS } from '@countersign/verify'
import type { TokenProfile } from './token-profile.ts'

/** Access tokens as the standard has them. Source: RFC 9068 sections 2 and 4. */
export const RFC9068_PROFILE: TokenProfile = Object.freeze({
  name: 'rfc9068',
  types: [ACCESS_TOKEN_TYPE],
  algorithms: DEFAULT_SIGNATURE_ALGORITHMS,
  otherAlgorithms: true,
  audience: 'aud',
  confirmation: {},
  bound: false,
  notBeforeTolerance: 0,
} satisfies TokenProfile)
