import { ALGORITHM_CASES } from './algorithm-cases.ts'
import { BINDING_CASES } from './binding-cases.ts'
import { CLAIMS_CASES } from './claims-cases.ts'
import { HEADER_CASES } from './header-cases.ts'
import { HONEST_CASES } from './honest-cases.ts'
import type { HostileCase } from './hostile-case.ts'
import { PROOF_CASES } from './proof-cases.ts'
import { REQUEST_CASES } from './request-cases.ts'
import { WIRE_CASES } from './wire-cases.ts'

/**
 * Requests for a route that takes bearer tokens: JWTs of the mint's issuer for the mint's audience,
 * with the mint's scope, with at most 60 s of clock tolerance.
 *
 * The first ones are honest and must be let through. Leave out what a route owes to nobody, such as
 * the group `principal` where it takes users' tokens, or `rfc9068` where the issuer does not follow it.
 */
export const HOSTILE_CASES: readonly HostileCase[] = Object.freeze([
  ...HONEST_CASES,
  ...ALGORITHM_CASES,
  ...HEADER_CASES,
  ...CLAIMS_CASES,
  ...BINDING_CASES,
  ...REQUEST_CASES,
  ...WIRE_CASES,
])

/**
 * Requests for a route that takes tokens bound by DPoP besides, with proofs that may be 60 s old and
 * 10 s ahead. The first ones are honest.
 *
 * Source: RFC 9449 sections 4.3, 7.1 and 7.2; FAPI 2.0 Security Profile section 5.3.2.1.
 */
export const HOSTILE_PROOF_CASES: readonly HostileCase[] = Object.freeze([...PROOF_CASES])
