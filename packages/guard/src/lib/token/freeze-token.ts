import type { VerifiedAccessToken } from './token-verifier.ts'

/**
 * Freezes all that a token says, for whoever gives it to more than one call, and gives how many objects
 * that are.
 */
export function freezeToken(verified: VerifiedAccessToken): number {
  const { claims, principal, view } = Object.freeze(verified)
  return 1 + freezeDeep(claims) + freezeDeep(principal) + freezeDeep(view)
}

/** What is frozen already has been counted. */
function freezeDeep(value: unknown): number {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return 0
  Object.freeze(value)
  let frozen = 1
  for (const member of Object.values(value)) frozen += freezeDeep(member)
  return frozen
}
