import type { Guard } from '../guard/create-guard.ts'
import { declareRule, type Rule } from '../rule/rule.ts'
import type { PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { Allowed } from '../verdict/verdict.ts'
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
  const declared = declareRule<Scope, Kind>(rule, 'guarded')
  return async (request) => {
    const verdict = await guard(request, declared)
    if (verdict.allowed) return handler(request, verdict)
    const { status, headers, body } = denialAnswer(verdict)
    return new Response(body, { status, headers: headers.map(([name, value]) => [name, value]) })
  }
}
