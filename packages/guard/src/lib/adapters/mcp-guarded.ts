import type { Guard } from '../guard/create-guard.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { PrincipalKind } from '../verdict/principal.ts'
import { authInfo } from './mcp-auth-info.ts'
import { denialAnswer } from './denial-answer.ts'
import {
  sendAnswer,
  setAllowedHeaders,
  toGuardRequest,
  type NodeRequest,
  type NodeResponse,
} from './node-request.ts'

/** An Express middleware for the endpoint of an MCP server. */
export type McpHandler = (
  request: NodeRequest & { auth?: unknown },
  response: NodeResponse,
  next: (error?: unknown) => void,
) => Promise<void>

/**
 * Puts a guard before the endpoint of an MCP server, in the place of the SDK's `requireBearerAuth`.
 *
 * Sets `request.auth`, which the SDK's transports hand to tools as `extra.authInfo`: see
 * {@link GuardedAuthInfo}. A denied request is answered here with the guard's own challenge, an outage
 * with 503. Every message is guarded, those of a session too: a session is no proof of who is calling.
 * Throws: `ArgumentError` at once when the rule is wrong.
 * Source: MCP authorization 2025-11-25, "Access Token Usage".
 */
export function guarded<Scope extends string, const Kind extends PrincipalKind = 'client'>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
): McpHandler {
  const judge = routeJudge<Scope, Kind>(guard, rule, 'guarded')
  return async (request, response, next) => {
    const judged = judge(toGuardRequest(request))
    const verdict = judged instanceof Promise ? await judged : judged
    if (!verdict.allowed) return sendAnswer(response, denialAnswer(verdict))
    setAllowedHeaders(response, verdict)
    request.auth = authInfo(verdict)
    next()
  }
}
