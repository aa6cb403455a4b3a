import type { Guard } from '../guard/create-guard.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { Principal, PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { Verdict, VerifiedToken } from '../verdict/verdict.ts'
import { denialAnswer } from './denial-answer.ts'
import {
  sendAnswer,
  setAllowedHeaders,
  toGuardRequest,
  type NodeRequest,
  type NodeResponse,
} from './node-request.ts'

/** What the handlers after a guard find in `response.locals`. */
export interface GuardedLocals<Caller extends Principal = Principal> {
  principal: Caller
  token: VerifiedToken
}

/**
 * An Express middleware. Its types are structural, so Express itself is not needed to compile it;
 * handlers declared in the same call as it see `response.locals` typed. It gives a promise only where
 * something must be waited for.
 */
export type GuardedHandler<Caller extends Principal> = (
  request: NodeRequest,
  response: NodeResponse & { locals: GuardedLocals<Caller> },
  next: (error?: unknown) => void,
) => Promise<void> | undefined

/**
 * Puts a guard before the Express 5 handlers that follow, for a route or for `app.use`.
 *
 * The caller is `response.locals.principal`, the verified token `response.locals.token`. A denied
 * request is answered here and goes no further.
 * Throws: `ArgumentError` at once when the rule is wrong.
 */
export function guarded<Scope extends string, const Kind extends PrincipalKind = 'client'>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
): GuardedHandler<PrincipalOf<Kind>> {
  const judge = routeJudge<Scope, Kind>(guard, rule, 'guarded')
  return (request, response, next) => {
    const settle = (verdict: Verdict<PrincipalOf<Kind>>): void => {
      if (!verdict.allowed) {
        sendAnswer(response, denialAnswer(verdict))
        return
      }
      setAllowedHeaders(response, verdict)
      response.locals.principal = verdict.principal
      response.locals.token = verdict.token
      next()
    }
    const judged = judge(toGuardRequest(request))
    if (judged instanceof Promise) return judged.then(settle)
    settle(judged)
    return undefined
  }
}
