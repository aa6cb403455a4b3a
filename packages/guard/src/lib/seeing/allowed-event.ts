import type { AllowedEvent } from '../guard/guard-event.ts'
import type { RuleTerms } from '../rule/rule.ts'
import type { VerifiedAccessToken } from '../token/token-verifier.ts'

/** What is told of a request that was allowed; `since` by `performance.now`. */
export function allowedEvent(
  { principal, claims }: VerifiedAccessToken,
  { mode, scopes }: RuleTerms,
  since: number,
): AllowedEvent {
  const { kind, clientId, scopes: held } = principal
  return {
    type: 'allowed',
    kind,
    clientId,
    issuer: claims.iss,
    audience: claims.aud,
    // With `any` each one that is held would have done by itself.
    scopes: mode === 'all' ? scopes : scopes.filter((scope) => held.has(scope)),
    duration: performance.now() - since,
  }
}
