import { formatChallenges, formatScope, type TokenType } from '@countersign/protocol'
import { DENIAL_REASONS, type DenialReason } from './denial-reasons.ts'

/** The schemes that an API takes, in the order they are offered. */
export type OfferedSchemes = readonly {
  readonly scheme: TokenType
  /** Of the scheme's own, such as `algs`. */
  readonly parameters?: readonly (readonly [name: string, value: string])[]
}[]

/** What a challenge says besides. */
export interface ChallengeContext {
  /** Default: Bearer alone. */
  readonly offered?: OfferedSchemes
  /** The scheme of the request. */
  readonly used?: TokenType | undefined
  /** Where the API publishes its metadata. */
  readonly resourceMetadata?: string | undefined
}

const BEARER_ONLY: OfferedSchemes = [{ scheme: 'Bearer' }]
/** Where another scheme than the one that was used could help. */
const ABOUT_SCHEME: readonly DenialReason[] = [
  'no_credentials',
  'malformed_credentials',
  'binding_required',
  'dpop_required',
  'dpop_not_bound',
]

/**
 * The `WWW-Authenticate` value for a denial; `undefined` for an outage.
 *
 * The error stands in the challenge of the scheme that was `used`, the others are offered where they
 * could help. Scopes are named where asking for them could help: with no token yet, and with too few.
 * Where the API publishes its metadata, every challenge says so.
 * Source: RFC 6750 section 3; RFC 9449 sections 7.1 and 7.2; RFC 9728 section 5.1.
 */
export function denialChallenge(
  realm: string,
  reason: DenialReason,
  scopes: readonly string[],
  { offered = BEARER_ONLY, used, resourceMetadata }: ChallengeContext = {},
): string | undefined {
  const { status, error, description } = DENIAL_REASONS[reason]
  if (status === 503) return undefined
  const scopeHelps = reason === 'no_credentials' || reason === 'insufficient_scope'
  // An error in no challenge at all would be lost: it goes to the first where the one used is not offered.
  const blamed = offered.find(({ scheme }) => scheme === used) ?? offered[0]
  const others = offered.filter((one) => one !== blamed && ABOUT_SCHEME.includes(reason))
  // The one with the error comes first: some clients read no further.
  const named = error === undefined ? offered : [...(blamed ? [blamed] : []), ...others]
  return formatChallenges(
    named.map(({ scheme, parameters: own = [] }) => {
      const parameters = new Map([['realm', realm]])
      if (error !== undefined && scheme === blamed?.scheme) {
        parameters.set('error', error)
        parameters.set('error_description', description)
      }
      if (scopeHelps && scopes.length > 0) parameters.set('scope', formatScope(scopes))
      if (resourceMetadata !== undefined) parameters.set('resource_metadata', resourceMetadata)
      for (const [name, value] of own) parameters.set(name, value)
      return { scheme, parameters }
    }),
  )
}
