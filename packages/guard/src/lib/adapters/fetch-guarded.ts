import type { Guard } from '../guard/create-guard.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { Allowed } from '../verdict/verdict.ts'
import { allowedHeaders } from './allowed-headers.ts'
import { toResponse } from './answer.ts'
import { denialAnswer } from './denial-answer.ts'

/**
 * Puts a guard before a fetch handler: `handler` meets only requests that the rule lets through.
 *
 * A denied request is answered here. What `handler` throws goes to whoever called.
 * Throws: `ArgumentError` at once when the rule is wrong.
 */
export function guarded<Scope extends string, const Kind extends PrincipalKind = 'client'>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
  handler: (request: Request, caller: Allowed<PrincipalOf<Kind>>) => Response | Promise<Response>,
): (request: Request) => Promise<Response> {
  const judge = routeJudge<Scope, Kind>(guard, rule, 'guarded')
  return async (request) => {
    const judged = judge(request)
    const verdict = judged instanceof Promise ? await judged : judged
    if (verdict.allowed) return allowedResponse(await handler(request, verdict), verdict)
    return toResponse(denialAnswer(verdict))
  }
}

/** The handler's answer with what the verdict wants in it: a copy, since one may be immutable. */
function allowedResponse(response: Response, verdict: Allowed): Response {
  if (verdict.headers === undefined) return response
  const copy = new Response(response.body, response)
  for (const [name, value] of allowedHeaders(verdict)) copy.headers.set(name, value)
  return copy
}
