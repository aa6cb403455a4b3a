import { parseCompactJws } from '@countersign/protocol'
import { usageFailure } from '../errors/command-failure.ts'
import { isOpaqueToken } from './given-token.ts'

/**
 * The identifier of a token: the text itself, or the `jti` of the JWT that it is. Nothing is verified.
 *
 * Throws: `CommandFailure` (usage) for a JWT without one, and for an opaque token, which does not say it.
 */
export function tokenIdOf(token: string): string {
  if (isOpaqueToken(token)) {
    throw usageFailure(
      'an opaque token does not say its identifier',
      'Give its jti, which introspection tells, or let the client itself revoke it',
    )
  }
  const jws = parseCompactJws(token)
  if (!jws.ok) return token
  const { jti } = jws.value.payload
  if (typeof jti === 'string') return jti
  throw usageFailure('this token has no jti', 'Revoke all tokens of its client or credential')
}
