import type { Principal, PrincipalKind } from './principal.ts'
import type { Allowed, Denied, VerifiedToken } from './verdict.ts'

/** Who a request is from, where its token was verified. */
export interface VerifiedCaller {
  readonly principal: Principal
  readonly token: VerifiedToken
}

/**
 * What a guard that only reports says instead of a denial.
 *
 * The caller is the real one where the token is good and of the kind that the rule takes. Any other is
 * nameless: an empty identifier and no scope, which no check of a handler can take for somebody.
 */
export function reported(
  { reason, headers }: Denied,
  kind: PrincipalKind,
  verified: VerifiedCaller | undefined,
): Allowed {
  const known = verified !== undefined && (kind === 'any' || verified.principal.kind === kind)
  return {
    allowed: true,
    ...(known ? verified : nameless(kind)),
    ...(headers && { headers }),
    wouldDeny: reason,
  }
}

function nameless(kind: PrincipalKind): VerifiedCaller {
  const scopes: ReadonlySet<string> = new Set()
  const principal: Principal =
    kind === 'user'
      ? { kind, subject: '', clientId: '', scopes }
      : { kind: 'client', clientId: '', scopes }
  const token = { issuer: '', audience: [], id: '', issuedAt: 0, expiresAt: 0, claims: {} }
  return { principal, token }
}
