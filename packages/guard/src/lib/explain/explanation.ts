import type { BindingDenialReason } from '../verdict/binding-denials.ts'
import { DENIAL_REASONS, type DenialReason } from '../verdict/denial-reasons.ts'

/** The checks of a guard, in their order. */
export type CheckName =
  | 'credentials'
  | 'format'
  | 'algorithm'
  | 'type'
  | 'key'
  | 'signature'
  | 'claims'
  | 'issuer'
  | 'audience'
  | 'lifetime'
  | 'revocation'
  | 'binding'
  | 'principal'
  | 'scope'

/** How one check ended. A check that comes after a failed one is skipped. */
export type Check =
  | { readonly name: CheckName; readonly outcome: 'ok' | 'skipped' }
  | {
      readonly name: CheckName
      readonly outcome: 'failed'
      readonly reason: DenialReason
      /** What happened. */
      readonly meaning: string
      /** What to do about it. */
      readonly cure: string
    }

/** Why a request is or is not let through. Holds no token and nothing out of one. */
export interface Explanation {
  readonly allowed: boolean
  /** Every check, in order. */
  readonly checks: readonly Check[]
}

/** What each check looks at, in the order in which a guard makes them. */
const CHECKS: readonly CheckName[] = [
  'credentials',
  'format',
  'algorithm',
  'type',
  'key',
  'signature',
  'claims',
  'issuer',
  'audience',
  'lifetime',
  'revocation',
  'binding',
  'principal',
  'scope',
]

/** Every other reason is about the binding. */
const CHECK_OF: Readonly<Record<Exclude<DenialReason, BindingDenialReason>, CheckName>> = {
  no_credentials: 'credentials',
  malformed_credentials: 'credentials',
  malformed_token: 'format',
  algorithm_not_allowed: 'algorithm',
  wrong_type: 'type',
  unknown_key: 'key',
  keys_unavailable: 'key',
  bad_signature: 'signature',
  // For a token without a signature the word of its issuer stands in for keys and signature.
  introspection_unavailable: 'key',
  introspection_limited: 'key',
  inactive: 'signature',
  malformed_claims: 'claims',
  unknown_issuer: 'issuer',
  wrong_issuer: 'issuer',
  wrong_audience: 'audience',
  expired: 'lifetime',
  not_yet_valid: 'lifetime',
  issued_in_future: 'lifetime',
  revoked: 'revocation',
  suspended: 'revocation',
  status_unusable: 'revocation',
  revocation_unavailable: 'revocation',
  binding_unsupported: 'binding',
  principal_kind: 'principal',
  insufficient_scope: 'scope',
}

/** The checks of a request that was denied for that reason; of an allowed one without. */
export function explanation(reason: DenialReason | undefined): Explanation {
  if (reason === undefined) {
    return { allowed: true, checks: CHECKS.map((name) => ({ name, outcome: 'ok' })) }
  }
  const { meaning, cure } = DENIAL_REASONS[reason]
  const failed = CHECKS.indexOf(checkOf(reason))
  // The issuer is chosen before a key can be.
  const reached = reason === 'unknown_issuer' ? CHECKS.indexOf('algorithm') : failed
  const checks = CHECKS.map((name, index): Check => {
    if (index === failed) return { name, outcome: 'failed', reason, meaning, cure }
    return { name, outcome: index < reached ? 'ok' : 'skipped' }
  })
  return { allowed: false, checks }
}

function checkOf(reason: DenialReason): CheckName {
  return isBindingReason(reason) ? 'binding' : CHECK_OF[reason]
}

function isBindingReason(reason: DenialReason): reason is BindingDenialReason {
  return !Object.hasOwn(CHECK_OF, reason)
}
