import type { MiddlewareHandler } from 'hono'
import type { Guard } from '../guard/create-guard.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { Principal, PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'
import { allowedHeaders } from './allowed-headers.ts'
import { denialAnswer } from './denial-answer.ts'

/** The environment of the handlers after a guard: what `c.get` and `c.var` know. */
export interface GuardedEnv<Caller extends Principal = Principal> {
  readonly Variables: {
    principal: Caller
    token: VerifiedToken
  }
}

/**
 * Puts a guard before the Hono 4 handlers that follow, for a route or for `app.use`.
 *
 * The caller is `c.var.principal`, the verified token `c.var.token`. A denied request is answered here
 * and goes no further. What later handlers throw is Hono's business.
 * Throws: `ArgumentError` at once when the rule is wrong.
 */
export function guarded<Scope extends string, const Kind extends PrincipalKind = 'client'>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
): MiddlewareHandler<GuardedEnv<PrincipalOf<Kind>>> {
  const judge = routeJudge<Scope, Kind>(guard, rule, 'guarded')
  return async (c, next) => {
    const judged = judge(c.req.raw)
    const verdict = judged instanceof Promise ? await judged : judged
    if (!verdict.allowed) {
      const { status, headers, body } = denialAnswer(verdict)
      // By the context, so that what earlier middleware set is kept.
      for (const [name, value] of headers) c.header(name, value)
      return c.body(body, status)
    }
    c.set('principal', verdict.principal)
    c.set('token', verdict.token)
    for (const [name, value] of allowedHeaders(verdict)) c.header(name, value)
    await next()
    return undefined
  }
}
