import type { AccessToken } from '../access-token.ts'
import { AttachError } from '../errors/token-error.ts'
import { certificateBinding } from '../sender-constraint/certificate-bound.ts'
import { presentableToken } from './presentable-token.ts'

/** What a place that carries tokens can do for those that are bound. */
export interface TokenCarrier {
  readonly now: () => number
  /** Why proofs cannot go along here, such as `gRPC has no place for a DPoP proof`; absent where they can. */
  readonly unproven?: string
  /** The certificate that its connections present, where the caller has declared one. */
  readonly thumbprint: (() => Promise<string>) | undefined
}

/**
 * The token of a source, for a place that is not the constraint's own connection.
 *
 * Rejects: `ERR_NO_TOKEN` as {@link presentableToken} throws it, for a token that would need a proof
 * where none can go along, and for one that is bound to another certificate than the declared one:
 * sent without its proof it would be of no use, or no better than a bearer token.
 */
export async function attachableToken(
  given: AccessToken | undefined,
  { now, unproven, thumbprint }: TokenCarrier,
): Promise<AccessToken> {
  const token = presentableToken(given, now)
  const { senderConstraint: constraint } = token
  if (constraint === undefined) return token
  // A constraint with a connection of its own lives in that, and not in headers.
  if (constraint.fetch === undefined) {
    if (unproven === undefined) return token
    const hint = 'Call with authorizedFetch, or ask for tokens without a senderConstraint'
    throw bound(`a key: ${unproven}`, hint)
  }
  if (thumbprint === undefined) {
    const hint = 'Declare the certificate that these connections present: certificateThumbprint'
    throw bound('a certificate, and none is declared here', hint)
  }
  if ((await constraint.binding()) === certificateBinding(await thumbprint())) return token
  const hint = 'Give these connections the certificate that the token was asked for with'
  throw bound('another certificate than the one declared here', hint)
}

function bound(to: string, hint: string): AttachError {
  const message = `the token source gave a token that is bound to ${to}`
  return new AttachError('ERR_NO_TOKEN', message, { phase: 'attach', hint })
}
