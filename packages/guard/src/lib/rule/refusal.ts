import type { DenialReason } from '../verdict/denial-reasons.ts'
import type { Principal } from '../verdict/principal.ts'
import type { RuleTerms } from './rule.ts'

/** Why a verified caller may not pass under these terms. */
export function refusal(
  { kind, scopes: held }: Principal,
  { principal, mode, scopes }: RuleTerms,
): DenialReason | undefined {
  if (principal !== 'any' && principal !== kind) return 'principal_kind'
  return hasEnough(held, mode, scopes) ? undefined : 'insufficient_scope'
}

/** In a loop: this is asked at every call, and a function for each scope would cost more than the answer. */
function hasEnough(
  held: ReadonlySet<string>,
  mode: RuleTerms['mode'],
  scopes: readonly string[],
): boolean {
  if (scopes.length === 0) return true
  for (const scope of scopes) {
    if (held.has(scope) !== (mode === 'all')) return mode === 'any'
  }
  return mode === 'all'
}
