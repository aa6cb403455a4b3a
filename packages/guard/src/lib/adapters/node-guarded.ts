/// <reference types="node" preserve="true" />
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Guard } from '../guard/create-guard.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { Allowed } from '../verdict/verdict.ts'
import { denialAnswer } from './denial-answer.ts'
import {
  sendAnswer,
  setAllowedHeaders,
  toGuardRequest,
  type NodeRequest,
  type NodeResponse,
} from './node-request.ts'

/**
 * Puts a guard before a node:http listener: `handler` meets only requests that the rule lets through.
 *
 * A denied request is answered here. What `handler` throws is not caught: it is an unhandled
 * rejection, as in any async listener.
 * Throws: `ArgumentError` at once when the rule is wrong.
 */
export function guarded<
  Scope extends string,
  const Kind extends PrincipalKind = 'client',
  Request extends NodeRequest = IncomingMessage,
  Response extends NodeResponse = ServerResponse,
>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
  handler: (
    request: Request,
    response: Response,
    caller: Allowed<PrincipalOf<Kind>>,
  ) => void | Promise<void>,
): (request: Request, response: Response) => void {
  const judge = routeJudge<Scope, Kind>(guard, rule, 'guarded')

  async function answer(request: Request, response: Response): Promise<void> {
    const judged = judge(toGuardRequest(request))
    const verdict = judged instanceof Promise ? await judged : judged
    if (!verdict.allowed) return sendAnswer(response, denialAnswer(verdict))
    setAllowedHeaders(response, verdict)
    return handler(request, response, verdict)
  }

  return (request, response) => void answer(request, response)
}
