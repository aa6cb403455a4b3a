import type { Guard } from '../guard/create-guard.ts'
import { GuardError } from '../guard/guard-error.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { Principal, PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { Allowed } from '../verdict/verdict.ts'
import { allowedHeaders } from './allowed-headers.ts'
import type { Answer } from './answer.ts'
import { denialAnswer } from './denial-answer.ts'
import { toGuardRequest, type NodeRequest } from './node-request.ts'

/** What is read of a Fastify request. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest
}

/** What is used of a Fastify reply. */
export interface FastifyReplyLike {
  readonly sent: boolean
  code(status: number): unknown
  header(name: string, value: string): unknown
  send(body: string): unknown
}

/**
 * A Fastify hook that also knows who passed it. Its types are structural, so Fastify itself is not
 * needed to compile it.
 */
export interface GuardedHook<Caller extends Principal> {
  (request: FastifyRequestLike, reply: FastifyReplyLike): Promise<unknown>
  /**
   * Who sent this request, and the verified token, typed by the hook's own rule.
   *
   * Throws: `GuardError` (`ERR_NOT_GUARDED`) for a request that did not pass this hook, so a route
   * that forgot its guard fails.
   */
  callerOf(request: FastifyRequestLike): Allowed<Caller>
}

/**
 * Puts a guard before Fastify 5 routes: `onRequest` of one route, or `addHook('onRequest', …)` for all
 * routes of a context. There it runs before a body is read or validated.
 *
 * A denied request is answered here, through `reply`, so `onSend` hooks and the log see it.
 * Throws: `ArgumentError` at once when the rule is wrong.
 */
export function guarded<Scope extends string, const Kind extends PrincipalKind = 'client'>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
): GuardedHook<PrincipalOf<Kind>> {
  const judge = routeJudge<Scope, Kind>(guard, rule, 'guarded')
  const callers = new WeakMap<FastifyRequestLike, Allowed<PrincipalOf<Kind>>>()

  async function hook(request: FastifyRequestLike, reply: FastifyReplyLike): Promise<unknown> {
    const judged = judge(toGuardRequest(request.raw))
    const verdict = judged instanceof Promise ? await judged : judged
    if (verdict.allowed) {
      callers.set(request, verdict)
      if (!reply.sent) {
        for (const [name, value] of allowedHeaders(verdict)) reply.header(name, value)
      }
      return
    }
    return sendReply(reply, denialAnswer(verdict))
  }

  function callerOf(request: FastifyRequestLike): Allowed<PrincipalOf<Kind>> {
    const known = callers.get(request)
    if (known !== undefined) return known
    throw new GuardError(
      'ERR_NOT_GUARDED',
      'the request did not pass this guard: put it before the route, as onRequest or with addHook',
      { retryable: false },
    )
  }

  return Object.assign(hook, { callerOf })
}

/** Answers a request, unless it has been answered meanwhile, by a time limit for example. */
export function sendReply(
  reply: FastifyReplyLike,
  { status, headers, body }: Answer,
): FastifyReplyLike {
  if (reply.sent) return reply
  reply.code(status)
  for (const [name, value] of headers) reply.header(name, value)
  reply.send(body)
  return reply
}
