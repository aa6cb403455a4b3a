import type { Guard } from '../guard/create-guard.ts'
import { GuardError } from '../guard/guard-error.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { Principal, PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { Allowed, Verdict } from '../verdict/verdict.ts'
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
  const callers = callersOf<PrincipalOf<Kind>>()

  /** Gives the reply of a request that was answered. */
  function conclude(
    request: FastifyRequestLike,
    reply: FastifyReplyLike,
    verdict: Verdict<PrincipalOf<Kind>>,
  ): FastifyReplyLike | undefined {
    if (!verdict.allowed) return sendReply(reply, denialAnswer(verdict))
    callers.set(request, verdict)
    if (verdict.headers === undefined || reply.sent) return undefined
    for (const [name, value] of allowedHeaders(verdict)) reply.header(name, value)
    return undefined
  }

  async function waited(request: FastifyRequestLike, reply: FastifyReplyLike): Promise<unknown> {
    return conclude(request, reply, await judge(toGuardRequest(request.raw)))
  }

  function hook(request: FastifyRequestLike, reply: FastifyReplyLike): Promise<unknown>
  function hook(...call: HookCall): Promise<unknown> | undefined
  function hook(...[request, reply, done]: HookCall): Promise<unknown> | undefined {
    // Who calls it by hand waits for a promise; the third of a hook for bodies is the body.
    if (typeof done !== 'function') return waited(request, reply)
    const judged = judge(toGuardRequest(request.raw))
    if (judged instanceof Promise) {
      return judged.then((verdict) => conclude(request, reply, verdict))
    }
    // What was answered is done with: Fastify goes on only when it is told.
    if (conclude(request, reply, judged) === undefined) done()
    return undefined
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

/** How Fastify calls a hook. */
type HookCall = readonly [request: FastifyRequestLike, reply: FastifyReplyLike, done?: unknown]

/**
 * Who sent a request, kept in the request: a `WeakMap` that each request adds to costs more than the verdict.
 */
function callersOf<Caller extends Principal>(): {
  get(request: FastifyRequestLike): Allowed<Caller> | undefined
  set(request: FastifyRequestLike, caller: Allowed<Caller>): void
} {
  const place: unique symbol = Symbol('caller')
  type Guarded = FastifyRequestLike & { [place]?: Allowed<Caller> }
  return {
    get: (request: Guarded) => request[place],
    set(request: Guarded, caller) {
      request[place] = caller
    },
  }
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
