import { findTokenAuthorization, isTokenText, type TokenType } from '@countersign/protocol'
import { checkBinding, type BindingOutcome, type PresentedToken } from '../binding/check-binding.ts'
import { useProof, type ProofUse } from '../binding/proof-replay.ts'
import { tokenCache } from '../cache/token-cache.ts'
import type { Confirmation } from '../introspection/token-confirmer.ts'
import { onceKnown } from '../once-known.ts'
import type { Standing } from '../revocation/revocation-check.ts'
import { refusal } from '../rule/refusal.ts'
import type { RuleTerms } from '../rule/rule.ts'
import { allowedEvent } from '../seeing/allowed-event.ts'
import type { IssuerVerifier } from '../token/issuer-verifier.ts'
import type { TokenOutcome, VerifiedAccessToken } from '../token/token-verifier.ts'
import { denialsFor, nonceHeaders, type DenialContext } from '../verdict/denial.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import type { PrincipalKind } from '../verdict/principal.ts'
import type { Allowed, Denied } from '../verdict/verdict.ts'
import type { GuardSettings } from './guard-options.ts'
import type { GuardRequest } from './guard-request.ts'

/** Judges a request: in place where nothing must be waited for. */
export type RequestJudge = <Outcome>(
  request: GuardRequest,
  terms: RuleTerms,
  course: Course<Outcome>,
) => Allowed | Outcome | Promise<Allowed | Outcome>

/**
 * Each check of a guard in turn: the token by itself, whether it still stands, whether its sender may use
 * it, and whether this route takes it. A proof is used up last.
 *
 * Never rejects for anything a request holds.
 */
export function requestJudge(settings: GuardSettings, verifier: IssuerVerifier): RequestJudge {
  const { dpop, timeout, isHeard, emit } = settings
  const verify = settings.tokenCache
    ? tokenCache(verifier.verify, settings.tokenCache)
    : verifier.verify
  const denial = denialsFor(settings)
  // `Bearer` is read also where it is not offered: who sends such a token is told why it is refused.
  const types: readonly TokenType[] = dpop ? ['Bearer', 'DPoP'] : ['Bearer']

  function judge<Outcome>(
    request: GuardRequest,
    terms: RuleTerms,
    course: Course<Outcome>,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const since = isHeard ? performance.now() : 0
    const presented = findTokenAuthorization(request.headers.get('authorization'), types)
    if (presented.kind === 'malformed') return deny(course, terms, 'malformed_credentials')
    if (presented.kind === 'none') {
      if (!course.dry && /[?&]access_token=/.test(request.url)) emit({ type: 'query_token' })
      return deny(course, terms, 'no_credentials')
    }
    const outcome = verify(presented.token, request)
    // Not by `onceKnown`, here and below: a function for each call costs as much as the check after it.
    return outcome instanceof Promise
      ? outcome.then((known) => judgeToken(request, course, terms, presented, since, known))
      : judgeToken(request, course, terms, presented, since, outcome)
  }

  function judgeToken<Outcome>(
    request: GuardRequest,
    course: Course<Outcome>,
    terms: RuleTerms,
    presented: PresentedToken,
    since: number,
    verified: TokenOutcome,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    if (!verified.ok) {
      // Looked at only now: a token that is good has none but the right characters.
      if (!isTokenText(presented.token)) return deny(course, terms, 'malformed_credentials')
      return deny(course, terms, verified.reason, { ...verified, used: presented.type })
    }
    const call: Call<Outcome> = { request, course, terms, presented, verified, since }
    if (verifier.standing === undefined) return judgeConfirmed(call)
    return onceKnown(verifier.standing(verified.claims, verified.key), (standing) =>
      judgeStanding(call, standing, judgeConfirmed),
    )
  }

  /** What the issuer itself says is asked only of a token that nothing nearer ends. */
  function judgeConfirmed<Outcome>(
    call: Call<Outcome>,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const { presented, verified, terms } = call
    if (verifier.confirm === undefined) return judgeSender(call)
    return onceKnown(
      verifier.confirm(presented.token, verified, terms.confirmedWithin),
      (confirmation) => judgeStanding(call, confirmation, judgeSender),
    )
  }

  function judgeStanding<Outcome>(
    call: Call<Outcome>,
    standing: Standing | Confirmation,
    next: (call: Call<Outcome>) => Allowed | Outcome | Promise<Allowed | Outcome>,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const { course, terms, presented, verified } = call
    const { clientId } = verified.principal
    const { iss: issuer } = verified.claims
    if (!standing.ok) {
      const details = { ...standing, used: presented.type, issuer, clientId }
      return deny(course, terms, standing.reason, details)
    }
    if (standing.unchecked !== undefined && !course.dry) {
      emit({ type: 'unchecked', source: standing.unchecked, issuer, clientId })
    }
    return next(call)
  }

  function judgeSender<Outcome>(
    call: Call<Outcome>,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const bound = checkBinding(settings, call.request, call.presented, call.verified)
    return bound instanceof Promise
      ? bound.then((known) => judgeBound(call, known))
      : judgeBound(call, bound)
  }

  function judgeBound<Outcome>(
    call: Call<Outcome>,
    bound: BindingOutcome,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const { course, terms, verified } = call
    const { principal, view: token } = verified
    const { nonce } = bound
    if (!bound.ok) return refuse(call, nonce, bound.reason)
    if (verified.passed !== terms) {
      const refused = refusal(principal, terms)
      if (refused !== undefined) return refuse(call, nonce, refused, verified)
      verified.passed = terms
    }
    const allowed: Allowed =
      nonce === undefined
        ? { allowed: true, principal, token }
        : { allowed: true, principal, token, ...nonceHeaders(nonce) }
    if (course.dry || bound.replay === undefined || dpop === undefined) {
      return allow(call, allowed)
    }
    return judgeUse(call, allowed, nonce, useProof(dpop.replay, bound.replay, timeout))
  }

  /** A proof is used up last: what anything else refuses leaves it unused. */
  async function judgeUse<Outcome>(
    call: Call<Outcome>,
    allowed: Allowed,
    nonce: string | undefined,
    using: Promise<ProofUse>,
  ): Promise<Allowed | Outcome> {
    const use = await using
    if (use === 'replayed') return refuse(call, nonce, 'dpop_replayed')
    if (use === 'full') return refuse(call, nonce, 'replay_full')
    if (use === 'unknown') {
      if (dpop?.allowsUnchecked !== true) return refuse(call, nonce, 'replay_unavailable')
      const { principal, token } = allowed
      emit({ type: 'replay_unchecked', issuer: token.issuer, clientId: principal.clientId })
    }
    return allow(call, allowed)
  }

  /** Denies a caller who is known: its token is good. */
  function refuse<Outcome>(
    { course, terms, presented, verified: { claims, principal } }: Call<Outcome>,
    nonce: string | undefined,
    reason: DenialReason,
    verified?: VerifiedAccessToken,
  ): Outcome {
    const { iss: issuer } = claims
    const { clientId } = principal
    return deny(course, terms, reason, { used: presented.type, issuer, clientId, nonce, verified })
  }

  function allow({ course, terms, verified, since }: Call<unknown>, allowed: Allowed): Allowed {
    if (isHeard && !course.dry) emit(allowedEvent(verified, terms, since))
    return allowed
  }

  function deny<Outcome>(
    { conclude }: Course<Outcome>,
    terms: RuleTerms,
    reason: DenialReason,
    details: DenialDetails = {},
  ): Outcome {
    return conclude(denial(reason, terms.scopes, details), terms.principal, details)
  }

  return judge
}

/** A request whose token is good. */
interface Call<Outcome> {
  readonly request: GuardRequest
  readonly course: Course<Outcome>
  readonly terms: RuleTerms
  readonly presented: PresentedToken
  readonly verified: VerifiedAccessToken
  /** When it came, by `performance.now`; 0 where nobody is told. */
  readonly since: number
}

/** What else is known of a request that is denied. */
export interface DenialDetails extends DenialContext {
  /** Which of the guard's issuers judged the token. */
  readonly issuer?: string
  readonly clientId?: string
  /** Where only the rule refused. */
  readonly verified?: VerifiedAccessToken | undefined
}

/** What comes of a denial, and whether the checks may leave a trace. */
export interface Course<Outcome> {
  readonly dry: boolean
  conclude(denied: Denied, kind: PrincipalKind, details: DenialDetails): Outcome
}
