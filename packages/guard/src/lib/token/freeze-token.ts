import type { VerifiedAccessToken } from './token-verifier.ts'

/**
 * Freezes what handlers see of a token, for whoever gives it to more than one call, and gives how many
 * objects its claims are.
 */
export function freezeToken({ principal, view }: VerifiedAccessToken): number {
  Object.freeze(principal)
  Object.freeze(view)
  freezeDeep(view.audience)
  return freezeDeep(view.claims)
}

function freezeDeep(value: object): number {
  Object.freeze(value)
  let frozen = 1
  for (const member of Object.values(value) as readonly unknown[]) {
    if (typeof member === 'object' && member !== null) frozen += freezeDeep(member)
  }
  return frozen
}
