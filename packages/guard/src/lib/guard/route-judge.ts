import { ArgumentError } from '@countersign/protocol'
import type { Gathering } from '@countersign/verify'
import { declareRule, type Rule, type RuleTerms } from '../rule/rule.ts'
import type { PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { Verdict } from '../verdict/verdict.ts'
import type { Guard } from './create-guard.ts'
import type { GuardRequest } from './guard-request.ts'

/** What a guard judges by. */
export interface Judge {
  /** The terms of a rule that this guard can apply. Throws: `ArgumentError` for any other. */
  termsOf(rule: Rule, caller: string): RuleTerms
  /** Gives the verdict on a request, in a promise only where something must be waited for. */
  judge(request: GuardRequest, terms: RuleTerms): Verdict | Promise<Verdict>
  /** Under load, lets the requests that have come in one turn be judged and handled together. */
  readonly gather: Gathering
}

/** Judges the requests of one route. */
export type RouteJudge<Kind extends PrincipalKind> = (
  request: GuardRequest,
) => Verdict<PrincipalOf<Kind>> | Promise<Verdict<PrincipalOf<Kind>>>

/** Lets {@link routeJudge} find what a guard judges by. */
export function keepJudge(guard: object, judge: Judge): void {
  judges.set(guard, judge)
}

/**
 * What an adapter asks about each request of a route: the judge of the guard, which answers in place where
 * nothing must be waited for. A guard that wraps another, or is written by hand, is asked itself.
 *
 * `caller` names the adapter in errors.
 * Throws: `ArgumentError` for a wrong rule, and for what is no guard.
 */
export function routeJudge<Scope extends string, Kind extends PrincipalKind>(
  guard: Guard<Scope>,
  rule: Rule<Scope, Kind>,
  caller: string,
): RouteJudge<Kind> {
  if (typeof guard !== 'function') {
    const message = `${caller}: 'guard' must be a guard, as createGuard gives it`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'guard', message)
  }
  const declared = declareRule(rule, caller)
  const own = judges.get(guard)
  // In a promise of our own, whatever a guard by others gives.
  if (own === undefined) return async (request) => guard(request, declared)
  const terms = own.termsOf(declared, caller)
  // The principal is of the kind that the rule takes: `refusal` sees to that.
  return ((request) => {
    const others = own.gather()
    return others === undefined
      ? own.judge(request, terms)
      : others.then(() => own.judge(request, terms))
  }) as RouteJudge<Kind>
}

const judges = new WeakMap<object, Judge>()
