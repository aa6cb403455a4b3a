import type { Answer } from '../http/answer.ts'
import { NO_STORE } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { LiveRegistry } from '../registry/live-registry.ts'
import { markPlan } from '../tokens/mark-plan.ts'
import type { TokenReader } from '../tokens/genuine-token.ts'
import { clientEndpoint, type ClientEndpointOptions } from './client-endpoint.ts'
import { presentedToken } from './presented-token.ts'

/** What the revocation endpoint works with. */
export interface RevocationEndpointOptions extends ClientEndpointOptions {
  readonly read: TokenReader
  /** Stores marks so that every node obeys them, this one at once. Rejects where it cannot. */
  readonly mark: LiveRegistry['mark']
}

/**
 * The revocation endpoint: a client ends a token of its own.
 *
 * 200 means that the token does not live: it was ended, or it was none of ours to begin with. Where that
 * cannot be made sure the answer is 503, and the client must take the token for alive. A token of another
 * client is refused. Opaque tokens and JWTs are ended alike, by a mark on their `jti`. Where a client has
 * too many of these, the older ones become one mark on the client, and the event `token_marks.merged` says
 * so: it ends what the client got before as well.
 *
 * Source: RFC 7009 sections 2.1 and 2.2.
 */
export function revocationEndpoint(
  options: RevocationEndpointOptions,
): (received: Received) => Promise<Answer> {
  const { read, mark, emit } = options
  return clientEndpoint(options, 'revocation.refused', async (asking) => {
    const { form, client, snapshot, now } = asking
    const token = await read(presentedToken(form), snapshot, now)
    if (!token.genuine) return DONE
    const { clientId } = client.registered.client
    const { jti, client_id: owner, iat, exp } = token.claims
    if (owner !== clientId) throw new ProtocolError('token_of_another_client', clientId)
    const made = await mark((view) => markPlan(view, { clientId, jti, iat, exp }, now))
    const { credentialId } = client.credential
    emit({ type: 'token.revoked', at: now, clientId, credentialId, jti })
    if (made?.merged !== undefined) {
      const { notAfter, keys } = made.merged
      emit({ type: 'token_marks.merged', at: now, clientId, notAfter, marks: keys.length })
    }
    return DONE
  })
}

const DONE: Answer = { status: 200, headers: NO_STORE, body: '' }
