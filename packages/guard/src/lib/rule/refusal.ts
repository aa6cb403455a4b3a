import type { DenialReason } from '../verdict/denial-reasons.ts'
import type { Principal } from '../verdict/principal.ts'
import type { RuleTerms } from './rule.ts'

/** Why a verified caller may not pass under these terms. */
export function refusal(
  { kind, scopes: held }: Principal,
  { principal, mode, scopes }: RuleTerms,
): DenialReason | undefined {
  if (principal !== 'any' && principal !== kind) return 'principal_kind'
  if (scopes.length === 0) return undefined
  const enough =
    mode === 'all'
      ? scopes.every((scope) => held.has(scope))
      : scopes.some((scope) => held.has(scope))
  return enough ? undefined : 'insufficient_scope'
}
