import { formatTokenAuthorization } from '@countersign/protocol'
import { hasEnded, type AccessToken } from '../access-token.ts'
import { AttachError } from '../errors/token-error.ts'

/**
 * The token of a source, for a place that can present every kind of token.
 *
 * Throws: `ERR_NO_TOKEN` for anything that is no token, for one that has ended, for one whose type
 * and sender constraint do not belong together, and for a way to present it that is none.
 */
export function presentableToken(token: AccessToken | undefined, now: () => number): AccessToken {
  // Sources may be written by anybody, in JavaScript too: nothing but a token goes into a header.
  const value: unknown = token?.value
  if (token === undefined || typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw noToken('nothing that can be sent as a token')
  }
  if (!isConstraintRight(token)) {
    throw noToken('a token whose type and sender constraint do not belong together')
  }
  if (!isPresentationRight(token)) throw noToken('a token that cannot be presented as it says')
  if (hasEnded(token, now())) throw noToken('a token that has ended')
  return token
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

/**
 * A DPoP token goes with a proof or not at all, and only under its own scheme; a token obtained under
 * a constraint never goes without it. Source: RFC 9449 section 7.
 */
function isConstraintRight({ type, senderConstraint }: AccessToken): boolean {
  // Where nothing is bound there is nothing but bearer tokens, whatever a foreign source calls them.
  return type === (senderConstraint?.tokenType ?? 'Bearer')
}

const HEADER_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Checked here, because a platform's own error would quote the header, token included. */
function isPresentationRight({ type, presentation }: AccessToken): boolean {
  if (presentation === undefined) return true
  const { header, scheme } = presentation
  if (type === 'DPoP' || typeof header !== 'string' || !HEADER_TOKEN.test(header)) return false
  return scheme === null || (typeof scheme === 'string' && HEADER_TOKEN.test(scheme))
}

function noToken(what: string): AttachError {
  return new AttachError('ERR_NO_TOKEN', `the token source gave ${what}`, {
    phase: 'attach',
    hint: 'A source must resolve to an AccessToken that has not ended, with what it is bound to',
  })
}
