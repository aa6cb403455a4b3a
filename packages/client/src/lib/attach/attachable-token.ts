import type { AccessToken } from '../access-token.ts'
import { AttachError } from '../errors/token-error.ts'
import { presentableToken } from './presentable-token.ts'

/**
 * The token of a source, for a place that can present a bearer token and nothing else.
 *
 * Throws: `ERR_NO_TOKEN` as {@link presentableToken} does, and for a token that is bound to a key or
 * a connection: sent without its proof it would be of no use, or no better than a bearer token.
 */
export function attachableToken(token: AccessToken | undefined, now: () => number): AccessToken {
  const presentable = presentableToken(token, now)
  if (presentable.type === 'Bearer' && presentable.senderConstraint === undefined)
    return presentable
  const message = 'the token source gave a token bound to a key, which cannot be proven here'
  throw new AttachError('ERR_NO_TOKEN', message, {
    phase: 'attach',
    hint: 'Call with authorizedFetch, or ask for tokens without a senderConstraint',
  })
}
