import { askedToken, hasVariation, variationKey } from '../grants/token-variation.ts'
import type { TokenRequest } from '../token-source.ts'

/** Tokens of one client that are told apart when its requests are looked at. */
export const MAX_TOKEN_KINDS = 10_000

const USUAL = ''

/** One text for all requests that ask for the same token of a client. */
export function tokenKind(request: TokenRequest): string {
  if (!hasVariation(request)) return USUAL
  try {
    return variationKey(askedToken('getToken', request))
  } catch {
    // What is wrong with the request is for its source to say.
    return USUAL
  }
}
