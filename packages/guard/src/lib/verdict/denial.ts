import type { TokenType } from '@countersign/protocol'
import type { BindingPolicy } from '../binding/check-binding.ts'
import { denialChallenge, type OfferedSchemes } from './challenge.ts'
import { DENIAL_REASONS, type DenialReason } from './denial-reasons.ts'
import type { Denied } from './verdict.ts'

/** What denials say of the API. */
export interface DenialPolicy extends BindingPolicy {
  readonly realm: string
  readonly resourceMetadata: string | undefined
}

/** What is known of a request that is denied. */
export interface DenialContext {
  /** The scheme of the request. */
  readonly used?: TokenType | undefined
  /** Milliseconds. */
  readonly retryAfter?: number | undefined
  readonly nonce?: string | undefined
}

/** Makes denials: `scopes` are those that the rule asks for. */
export function denialsFor(
  policy: DenialPolicy,
): (reason: DenialReason, scopes: readonly string[], context: DenialContext) => Denied {
  const { realm, resourceMetadata } = policy
  const offered = offeredSchemes(policy)
  return (reason, scopes, { used, retryAfter, nonce }) => {
    const { status } = DENIAL_REASONS[reason]
    const challenge = denialChallenge(realm, reason, scopes, { offered, used, resourceMetadata })
    const denied = { allowed: false, status, challenge, reason, ...nonceHeaders(nonce) } as const
    return status === 503 ? { ...denied, retryAfter: toWholeSeconds(retryAfter) } : denied
  }
}

/** Source: RFC 9449 sections 8.2 and 9: no cache may keep a nonce. */
export function nonceHeaders(nonce: string | undefined): Pick<Denied, 'headers'> {
  return nonce === undefined
    ? {}
    : { headers: { 'dpop-nonce': nonce, 'cache-control': 'no-store' } }
}

/** A token bound to a certificate comes with `Bearer`, too. Source: RFC 8705 section 3. */
function offeredSchemes({ binding, dpop, certificates }: BindingPolicy): OfferedSchemes {
  const takesBearer = binding === 'optional' || certificates !== undefined
  return [
    ...(takesBearer ? [{ scheme: 'Bearer' } as const] : []),
    ...(dpop
      ? [{ scheme: 'DPoP', parameters: [['algs', dpop.algorithms.join(' ')]] } as const]
      : []),
  ]
}

function toWholeSeconds(milliseconds: number = 0): number {
  return Math.max(1, Math.ceil(milliseconds / 1000))
}
