import type { AuthenticatedClient } from '../client-authentication/authenticate-client.ts'
import type { GrantDecision } from '../grants/grant.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { Confirmation } from './token-issuer.ts'

/**
 * What binds a token to the one who asked for it; `undefined` for a bearer token.
 *
 * Throws: `ProtocolError` where a proof does not hold, or the resource wants one and there is none.
 */
export type SenderConstrainer = (
  received: Received,
  client: AuthenticatedClient,
  decision: GrantDecision,
  now: number,
) => Confirmation | undefined | Promise<Confirmation | undefined>

/** Binds nothing: refuses where the resource takes no bearer token. */
export const bearerOnly: SenderConstrainer = (_received, { registered }, { resource }) => {
  if (resource.senderConstraint === 'none') return undefined
  throw new ProtocolError('sender_constraint_missing', registered.client.clientId)
}
