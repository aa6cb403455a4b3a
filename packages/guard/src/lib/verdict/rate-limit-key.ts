import { ArgumentError } from '@countersign/protocol'
import type { Principal } from './principal.ts'
import type { VerifiedToken } from './verdict.ts'

/**
 * Who a request is counted against by a rate limiter: the same text for every token of the same caller,
 * another one for any other caller of any issuer.
 *
 * A client is its issuer and identifier; a user is these and the subject, so that one busy user does not
 * use up what another has through the same client. The text is of `A-Z a-z 0-9 - _ . ! ~ * ' ( ) % :`
 * and may be a key of Redis or the value of a header. It is made of identifiers: what may not be read by
 * others should not be given to them.
 *
 * `undefined` for a caller without a name, whom only a guard that reports lets in: count those by
 * their address.
 * Throws: `ArgumentError` for what is no verdict and no caller.
 *
 * @example const key = rateLimitKey(verdict) ?? address
 */
export function rateLimitKey(caller: {
  readonly principal: Principal
  readonly token: VerifiedToken
}): string | undefined {
  const { principal, token } = (caller ?? {}) as Partial<typeof caller>
  if (principal === undefined || token === undefined) {
    const message =
      "rateLimitKey: 'caller' must have a principal and a token, as an allowed verdict has"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'caller', message)
  }
  const { clientId } = principal
  if (clientId === '') return undefined
  // Encoded one by one, no part holds a colon: no two callers share a key.
  const parts = [token.issuer, clientId, ...(principal.kind === 'user' ? [principal.subject] : [])]
  return parts.map((part) => encodeURIComponent(part.toWellFormed())).join(':')
}
