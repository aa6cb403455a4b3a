import { assertionId, timeFault, type AssertionTimes, type ClaimFault } from './assertion-claims.ts'
import type { AuthenticationMethodName } from './method-names.ts'
import type { ProofVerdict } from './authentication-method.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { PresentedAssertion } from './client-assertion.ts'
import { isFirstUse, type FirstUses } from './first-use.ts'

/** What a client's assertion about itself must satisfy, whatever it is signed with. */
export interface SelfAssertionPolicy extends AssertionTimes {
  readonly issuer: string
  /** Whether `aud` names this server. */
  readonly acceptsAudience: (aud: unknown) => boolean
  readonly replay: FirstUses
}

/**
 * The verdict on an assertion whose signature is good: about whom it is, for whom, since when and for how
 * long. Its `jti` is good for one use.
 *
 * Source: RFC 7523 section 3; draft-ietf-oauth-rfc7523bis section 4.
 */
export function selfAssertionVerdict(
  assertion: PresentedAssertion,
  {
    method,
    credential,
    now,
    policy,
  }: {
    readonly method: AuthenticationMethodName
    readonly credential: CredentialRecord
    readonly now: number
    readonly policy: SelfAssertionPolicy
  },
): ProofVerdict {
  const { clientId } = credential
  const fault = claimFault(assertion, clientId, now, policy)
  if (fault !== undefined) return { ok: false, ...fault }
  const { exp } = assertion.payload as { readonly exp: number }
  const jti = assertionId(assertion.payload) ?? ''
  const { replay, issuer, clockTolerance } = policy
  return {
    ok: true,
    method,
    credential,
    // Remembered for as long as the assertion would be accepted, the tolerance included.
    useUp: () => isFirstUse(replay, [issuer, clientId, jti], exp * 1000 + clockTolerance + 1000),
  }
}

function claimFault(
  { payload, iss, sub }: PresentedAssertion,
  clientId: string,
  now: number,
  policy: SelfAssertionPolicy,
): ClaimFault | undefined {
  if (iss !== clientId || sub !== clientId) return { reason: 'assertion_subject_wrong' }
  if (!policy.acceptsAudience(payload['aud'])) return { reason: 'assertion_audience_wrong' }
  const times = timeFault(payload, policy, now)
  if (times !== undefined) return times
  return assertionId(payload) === undefined
    ? { reason: 'assertion_claim_missing', detail: { claim: 'jti' } }
    : undefined
}
