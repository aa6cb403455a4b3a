import {
  ArgumentError,
  findTokenAuthorization,
  isTokenText,
  type TokenType,
} from '@countersign/protocol'
import { checkBinding, type BindingOutcome, type PresentedToken } from '../binding/check-binding.ts'
import { useProof } from '../binding/proof-replay.ts'
import { tokenCache } from '../cache/token-cache.ts'
import { explanation, type Explanation } from '../explain/explanation.ts'
import { onceKnown } from '../once-known.ts'
import type { Confirmation } from '../introspection/token-confirmer.ts'
import type { Standing } from '../revocation/revocation-check.ts'
import { refusal } from '../rule/refusal.ts'
import { declareRule, ruleTerms, type Rule, type RuleTerms } from '../rule/rule.ts'
import { allowedEvent } from '../seeing/allowed-event.ts'
import { issuersVerifier } from '../issuer/issuers-verifier.ts'
import type { VerifiedAccessToken } from '../token/token-verifier.ts'
import { denialsFor, nonceHeaders, type DenialContext } from '../verdict/denial.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import type { PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import { reported } from '../verdict/reported.ts'
import type { Allowed, Denied, Verdict } from '../verdict/verdict.ts'
import { countGuards } from './count-guards.ts'
import { GuardError } from './guard-error.ts'
import { readGuardOptions, type GuardOptions } from './guard-options.ts'
import type { GuardRequest } from './guard-request.ts'

/** Says whether a request may go on, and who is calling. */
export interface Guard<Scope extends string = string> {
  /**
   * The verdict on a request under a rule; without a rule any client's valid token will do.
   *
   * Never rejects for anything a request holds. Rejects with `ArgumentError` for a wrong rule.
   */
  <Kind extends PrincipalKind = 'client'>(
    request: GuardRequest,
    rule?: Rule<Scope, Kind>,
  ): Promise<Verdict<PrincipalOf<Kind>>>
  /**
   * Goes through the same checks and says how each one ended, with the cure.
   *
   * Tells of no denial, and leaves a proof unused: whether it was used before is not looked at. What it
   * says is for the owner of the API, not for callers.
   *
   * Rejects with `ArgumentError` for a wrong rule.
   */
  explain<Kind extends PrincipalKind = 'client'>(
    request: GuardRequest,
    rule?: Rule<Scope, Kind>,
  ): Promise<Explanation>
  /**
   * Loads metadata, keys and the revocation feed ahead of the first request. Calling it is a choice, not
   * a duty.
   *
   * Rejects with `GuardError` when no keys can be had (`ERR_KEYS_UNAVAILABLE`), or no feed
   * (`ERR_REVOCATIONS_UNAVAILABLE`).
   */
  ready(): Promise<void>
}

/**
 * A guard for an API: it verifies JWT access tokens of one issuer, or of each of `issuers`, by the keys
 * that the issuer publishes, and asks the issuer about others where `introspection` is set.
 *
 * Make one guard for an API and keep it: keys are held in it. Name the scopes of the API as a type
 * argument, `createGuard<'orders:read' | 'orders:write'>(…)`, and a misspelt one does not compile.
 * A token bound to a key or a certificate (`cnf`) must prove it; one that cannot be checked is refused.
 * Throws: `ArgumentError` for wrong options, before any I/O.
 * Source: RFC 9068 section 4; RFC 6750 sections 2.1 and 3.
 */
export function createGuard<Scope extends string = string>(options: GuardOptions): Guard<Scope> {
  const settings = readGuardOptions(options)
  const { dpop, reportOnly, timeout, isHeard, emit } = settings
  countGuards(settings.issuers.map((one) => one.issuer).join(' '), settings.now(), emit)
  const issuer = issuersVerifier(settings)
  const verify = settings.tokenCache
    ? tokenCache(issuer.verify, settings.tokenCache)
    : issuer.verify
  const denial = denialsFor(settings)
  // `Bearer` is read also where it is not offered: who sends such a token is told why it is refused.
  const types: readonly TokenType[] = dpop ? ['Bearer', 'DPoP'] : ['Bearer']

  /** Each check in turn: the token by itself, then whether its sender and this route go with it. */
  function judge<Outcome>(
    request: GuardRequest,
    rule: Rule,
    course: Course<Outcome>,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const since = isHeard ? performance.now() : 0
    const terms = ruleTerms(rule, 'guard')
    if (terms.confirmedWithin !== undefined && issuer.confirm === undefined) {
      throw cannotConfirm()
    }
    const presented = findTokenAuthorization(request.headers.get('authorization'), types)
    if (presented.kind === 'malformed') return deny(course, terms, 'malformed_credentials')
    if (presented.kind === 'none') {
      if (!course.dry && /[?&]access_token=/.test(request.url)) emit({ type: 'query_token' })
      return deny(course, terms, 'no_credentials')
    }
    return onceKnown(verify(presented.token), (outcome) => {
      if (!outcome.ok) {
        // Looked at only now: a token that is good has none but the right characters.
        if (!isTokenText(presented.token)) return deny(course, terms, 'malformed_credentials')
        return deny(course, terms, outcome.reason, { ...outcome, used: presented.type })
      }
      const call: Call<Outcome> = { request, course, terms, presented, verified: outcome, since }
      if (issuer.standing === undefined) return judgeConfirmed(call)
      return onceKnown(issuer.standing(outcome), (standing) =>
        judgeStanding(call, standing, judgeConfirmed),
      )
    })
  }

  /** What the issuer itself says is asked only of a token that nothing nearer ends. */
  function judgeConfirmed<Outcome>(
    call: Call<Outcome>,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const { presented, verified, terms } = call
    if (issuer.confirm === undefined) return judgeSender(call)
    return onceKnown(
      issuer.confirm(presented.token, verified, terms.confirmedWithin),
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
    if (!standing.ok) {
      return deny(course, terms, standing.reason, { ...standing, used: presented.type, clientId })
    }
    if (standing.unchecked !== undefined && !course.dry) {
      emit({ type: 'unchecked', source: standing.unchecked, clientId })
    }
    return next(call)
  }

  function judgeSender<Outcome>(
    call: Call<Outcome>,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const { request, presented, verified } = call
    return onceKnown(checkBinding(settings, request, presented, verified), (bound) =>
      judgeBound(call, bound),
    )
  }

  function judgeBound<Outcome>(
    call: Call<Outcome>,
    bound: BindingOutcome,
  ): Allowed | Outcome | Promise<Allowed | Outcome> {
    const { course, terms, presented, verified } = call
    const { principal, view: token } = verified
    const { nonce } = bound
    const refuse = (reason: DenialReason, besides?: DenialDetails): Outcome =>
      deny(course, terms, reason, {
        used: presented.type,
        clientId: principal.clientId,
        nonce,
        ...besides,
      })
    if (!bound.ok) return refuse(bound.reason)
    const refused = refusal(principal, terms)
    if (refused !== undefined) return refuse(refused, { verified })
    const allowed: Allowed =
      nonce === undefined
        ? { allowed: true, principal, token }
        : { allowed: true, principal, token, ...nonceHeaders(nonce) }
    if (course.dry || bound.replay === undefined || dpop === undefined) {
      return allow(call, allowed)
    }
    return useProof(dpop.replay, bound.replay, timeout).then((use) => {
      if (use === 'replayed') return refuse('dpop_replayed')
      if (use === 'full') return refuse('replay_full')
      if (use === 'unknown') {
        if (!dpop.allowsUnchecked) return refuse('replay_unavailable')
        emit({ type: 'replay_unchecked', clientId: principal.clientId })
      }
      return allow(call, allowed)
    })
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

  async function ready(): Promise<void> {
    if (!(await issuer.load())) {
      throw new GuardError('ERR_KEYS_UNAVAILABLE', "the issuer's keys cannot be loaded", {
        retryable: true,
      })
    }
    if ((await issuer.standing?.load?.()) === false) {
      const message = 'which tokens are revoked cannot be found out'
      throw new GuardError('ERR_REVOCATIONS_UNAVAILABLE', message, { retryable: true })
    }
  }

  const enforce: Course<Verdict> = {
    dry: false,
    conclude(denied, _kind, { clientId }) {
      emit({ type: 'denied', reason: denied.reason, status: denied.status, clientId })
      return denied
    },
  }
  const report: Course<Verdict> = {
    dry: false,
    conclude(denied, kind, { clientId, verified }) {
      emit({ type: 'would_deny', reason: denied.reason, status: denied.status, clientId })
      return reported(
        denied,
        kind,
        verified && { principal: verified.principal, token: verified.view },
      )
    },
  }
  const course = reportOnly ? report : enforce

  const guard = async (request: GuardRequest, rule: Rule = DEFAULT_RULE): Promise<Verdict> =>
    judge(request, rule, course)

  async function explain(request: GuardRequest, rule: Rule = DEFAULT_RULE): Promise<Explanation> {
    const verdict = await judge(request, rule, TRIAL)
    return explanation(verdict.allowed ? undefined : verdict.reason)
  }

  // The principal is of the kind that the rule takes: `refusal` sees to that.
  return Object.assign(guard, { explain, ready }) as Guard<Scope>
}

const DEFAULT_RULE = declareRule({})

function cannotConfirm(): ArgumentError {
  const message = "guard rule: 'confirmedWithin' needs the guard to have 'introspection'"
  return new ArgumentError('ERR_ARGUMENT_VALUE', 'confirmedWithin', message)
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
interface DenialDetails extends DenialContext {
  readonly clientId?: string
  /** Where only the rule refused. */
  readonly verified?: VerifiedAccessToken
}

/** What comes of a denial, and whether the checks may leave a trace. */
interface Course<Outcome> {
  readonly dry: boolean
  conclude(denied: Denied, kind: PrincipalKind, details: DenialDetails): Outcome
}

const TRIAL: Course<Denied> = { dry: true, conclude: (denied) => denied }
