import { formatTokenAuthorization } from '@countersign/protocol'
import type { AccessToken, TokenPresentation } from '../access-token.ts'
import { AttachError } from '../errors/token-error.ts'

/**
 * The token of a source, for a place that can present a bearer token and nothing else.
 *
 * Throws: `ERR_NO_TOKEN` for anything that is no token, for one that has ended, and for one that is
 * bound to a key: sent without its proof it would be of no use, or no better than a bearer token.
 */
export function attachableToken(token: AccessToken | undefined, now: () => number): AccessToken {
  // Sources may be written by anybody, in JavaScript too: nothing but a token goes into a header.
  const value: unknown = token?.value
  if (token === undefined || typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw noToken('nothing that can be sent as a token', ENDED_HINT)
  }
  if (token.type !== 'Bearer' || token.senderConstraint !== undefined) {
    throw noToken('a token bound to a key, which cannot be proven here', BOUND_HINT)
  }
  if (!isSendable(token.presentation)) {
    throw noToken('a token that cannot be presented as it says', 'Check the preset it came by')
  }
  if (hasEnded(token, now())) throw noToken('a token that has ended', ENDED_HINT)
  return token
}

/** Whether a token's life is over. A life of zero means "use once", and is not over at that once. */
export function hasEnded({ expiresAt, obtainedAt }: AccessToken, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt && expiresAt !== obtainedAt
}

/** The header that presents a token: its lower-case name, and its value. */
export function tokenHeader(token: AccessToken): readonly [name: string, value: string] {
  const { presentation } = token
  if (presentation === undefined) {
    return ['authorization', formatTokenAuthorization(token.type, token.value)]
  }
  const { header, scheme } = presentation
  return [header.toLowerCase(), scheme === null ? token.value : `${scheme} ${token.value}`]
}

/** A word that a header may have as its name, or before the token. */
const WORD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Checked here, because a library's own error would quote the header, token included. */
function isSendable(presentation: TokenPresentation | undefined): boolean {
  if (presentation === undefined) return true
  return (
    WORD.test(presentation.header) &&
    (presentation.scheme === null || WORD.test(presentation.scheme))
  )
}

const ENDED_HINT = 'A source must resolve to an AccessToken that has not ended'
const BOUND_HINT = 'Call with authorizedFetch, or ask for tokens without a senderConstraint'

function noToken(what: string, hint: string): AttachError {
  return new AttachError('ERR_NO_TOKEN', `the token source gave ${what}`, { phase: 'attach', hint })
}
