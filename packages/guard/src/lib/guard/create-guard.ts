import { ArgumentError } from '@countersign/protocol'
import { gathering } from '@countersign/verify'
import { explanation, type Explanation } from '../explain/explanation.ts'
import { issuersVerifier } from '../issuer/issuers-verifier.ts'
import { declareRule, ruleTerms, type Rule, type RuleTerms } from '../rule/rule.ts'
import type { PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import { reported } from '../verdict/reported.ts'
import type { Denied, Verdict } from '../verdict/verdict.ts'
import { countGuards } from './count-guards.ts'
import { GuardError } from './guard-error.ts'
import { readGuardOptions, type GuardOptions } from './guard-options.ts'
import type { GuardRequest } from './guard-request.ts'
import { requestJudge, type Course } from './request-judge.ts'
import { keepJudge } from './route-judge.ts'

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
   * says is for the owner of the API, not for callers. Where nothing is held about a token it asks the
   * issuer, as a request would, and so asks `introspection.mayAsk` first; what it hears is held.
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
  const { issuers, reportOnly, now, emit } = settings
  countGuards(issuers.map((one) => one.issuer).join(' '), now(), emit)
  const verifier = issuersVerifier(settings)
  const judge = requestJudge(settings, verifier)

  /** Throws: `ArgumentError` for a wrong rule, and for one that wants what this guard cannot find out. */
  function termsOf(rule: Rule, caller: string): RuleTerms {
    const terms = ruleTerms(rule, caller)
    if (terms.confirmedWithin === undefined || verifier.confirm !== undefined) return terms
    const message = `${caller} rule: 'confirmedWithin' needs the guard to have 'introspection'`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'confirmedWithin', message)
  }

  async function ready(): Promise<void> {
    if (!(await verifier.load())) {
      const message =
        "the issuer's keys cannot be loaded: the 'load_failed' events say which document fails and how"
      throw new GuardError('ERR_KEYS_UNAVAILABLE', message, { retryable: true })
    }
    if ((await verifier.standing?.load?.()) === false) {
      const message =
        "which tokens are revoked cannot be found out: the 'revocations_failed' events say why"
      throw new GuardError('ERR_REVOCATIONS_UNAVAILABLE', message, { retryable: true })
    }
  }

  const enforce: Course<Verdict> = {
    dry: false,
    conclude(denied, _kind, { issuer, clientId }) {
      const { reason, status } = denied
      emit({ type: 'denied', reason, status, issuer, clientId })
      return denied
    },
  }
  const report: Course<Verdict> = {
    dry: false,
    conclude(denied, kind, { issuer, clientId, verified }) {
      const { reason, status } = denied
      emit({ type: 'would_deny', reason, status, issuer, clientId })
      return reported(
        denied,
        kind,
        verified && { principal: verified.principal, token: verified.view },
      )
    },
  }
  const course = reportOnly ? report : enforce

  const guard = async (request: GuardRequest, rule: Rule = DEFAULT_RULE): Promise<Verdict> =>
    judge(request, termsOf(rule, 'guard'), course)

  async function explain(request: GuardRequest, rule: Rule = DEFAULT_RULE): Promise<Explanation> {
    const verdict = await judge(request, termsOf(rule, 'guard'), TRIAL)
    return explanation(verdict.allowed ? undefined : verdict.reason)
  }

  // The principal is of the kind that the rule takes: `refusal` sees to that.
  const whole = Object.assign(guard, { explain, ready }) as Guard<Scope>
  keepJudge(whole, {
    termsOf,
    judge: (request, terms) => judge(request, terms, course),
    // A remembered token is looked up in a microsecond: of a few together none would gain.
    gather: gathering({ crowd: 6 }),
  })
  return whole
}

const DEFAULT_RULE = declareRule({})

const TRIAL: Course<Denied> = { dry: true, conclude: (denied) => denied }
