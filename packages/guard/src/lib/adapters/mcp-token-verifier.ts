import type { Guard } from '../guard/create-guard.ts'
import { declareRule, type Rule } from '../rule/rule.ts'
import { DENIAL_REASONS } from '../verdict/denial-reasons.ts'
import type { PrincipalKind, PrincipalOf } from '../verdict/principal.ts'
import { authInfo, type GuardedAuthInfo } from './mcp-auth-info.ts'

/** The errors of the MCP SDK that its own middleware understands. */
export interface McpAuthErrors {
  readonly InvalidTokenError: new (message: string) => Error
  readonly InsufficientScopeError: new (message: string) => Error
  readonly ServerError: new (message: string) => Error
}

/** An `OAuthTokenVerifier` of the MCP SDK. */
export interface TokenVerifier<Caller extends GuardedAuthInfo = GuardedAuthInfo> {
  verifyAccessToken(token: string): Promise<Caller>
}

/**
 * A guard as an `OAuthTokenVerifier` of the MCP SDK, for a server that keeps the SDK's
 * `requireBearerAuth`. `guarded` is better where you can choose: here the SDK answers, so an outage is
 * 500, and a token that is bound to its sender is refused, since only the token is passed.
 *
 * `errors` is `@modelcontextprotocol/sdk/server/auth/errors.js`, handed in so that it is the SDK's own.
 * Throws: `ArgumentError` at once when the rule is wrong.
 *
 * @example
 * requireBearerAuth({ verifier: tokenVerifier(guard, {}, errors), resourceMetadataUrl })
 */
export function tokenVerifier<Scope extends string, const Kind extends PrincipalKind = 'client'>(
  guard: Guard<Scope>,
  rule: Rule<NoInfer<Scope>, Kind>,
  { InvalidTokenError, InsufficientScopeError, ServerError }: McpAuthErrors,
): TokenVerifier<GuardedAuthInfo<PrincipalOf<Kind>>> {
  const declared = declareRule<Scope, Kind>(rule, 'tokenVerifier')
  return {
    async verifyAccessToken(token) {
      const get = (name: string): string | null =>
        name === 'authorization' ? `Bearer ${token}` : null
      const verdict = await guard({ method: 'POST', url: '/', headers: { get } }, declared)
      if (verdict.allowed) return authInfo(verdict)
      const { error, description } = DENIAL_REASONS[verdict.reason]
      if (verdict.status === 503) throw new ServerError(description)
      if (error === 'insufficient_scope') throw new InsufficientScopeError(description)
      throw new InvalidTokenError(description)
    },
  }
}
