import type { Guard } from '../guard/create-guard.ts'
import { routeJudge } from '../guard/route-judge.ts'
import type { Rule } from '../rule/rule.ts'
import type { Principal, PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'
import { allowedHeaders } from './allowed-headers.ts'
import type { Answer } from './answer.ts'
import { denialAnswer } from './denial-answer.ts'
import { toGuardRequest, type NodeRequest } from './node-request.ts'

/** What the middleware after a guard finds in `ctx.state`. */
export interface GuardedState<Caller extends Principal = Principal> {
  principal: Caller
  token: VerifiedToken
}

/** What is used of a Koa context. */
export interface KoaContextLike {
  readonly req: NodeRequest
  /** The whole target where a mount has cut that of `req`. */
  readonly originalUrl?: string
  readonly headerSent: boolean
  status: number
  body: unknown
  set(name: string, value: string): void
}

/**
 * A Koa middleware. Its types are structural, so Koa itself is not needed to compile it; what is
 * chained to the same `app.use` sees `ctx.state` typed.
 */
export type GuardedMiddleware<Caller extends Principal> = (
  context: KoaContextLike & { state: GuardedState<Caller> },
  next: () => Promise<unknown>,
) => Promise<void>

/**
 * Puts a guard before the Koa 3 middleware that follows.
 *
 * The caller is `ctx.state.principal`, the verified token `ctx.state.token`. A denied request is
 * answered here and goes no further. What later middleware throws is Koa's business.
 * Throws: `ArgumentError` at once when the rule is wrong.
 */
export function guarded<Scope extends string, const Kind extends PrincipalKind = 'client'>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
): GuardedMiddleware<PrincipalOf<Kind>> {
  const judge = routeJudge<Scope, Kind>(guard, rule, 'guarded')
  return async (context, next) => {
    const judged = judge(toGuardRequest(context.req, context.originalUrl))
    const verdict = judged instanceof Promise ? await judged : judged
    if (verdict.allowed) {
      context.state.principal = verdict.principal
      context.state.token = verdict.token
      if (!context.headerSent) {
        for (const [name, value] of allowedHeaders(verdict)) context.set(name, value)
      }
      await next()
      return
    }
    answerIn(context, denialAnswer(verdict))
  }
}

/** Answers a request, unless it has been answered meanwhile, by a time limit for example. */
export function answerIn(context: KoaContextLike, { status, headers, body }: Answer): void {
  if (context.headerSent) return
  context.status = status
  for (const [name, value] of headers) context.set(name, value)
  context.body = body
}
