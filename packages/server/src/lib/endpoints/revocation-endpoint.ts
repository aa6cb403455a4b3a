import type { Answer } from '../http/answer.ts'
import { NO_STORE } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RevocationRecord } from '../registry/records.ts'
import { VERIFIER_TOLERANCE } from '../tokens/live-marks.ts'
import type { TokenReader } from '../tokens/genuine-token.ts'
import { clientEndpoint, type ClientEndpointOptions } from './client-endpoint.ts'
import { presentedToken } from './presented-token.ts'

/** What the revocation endpoint works with. */
export interface RevocationEndpointOptions extends ClientEndpointOptions {
  readonly read: TokenReader
  /** Stores a mark so that every node obeys it, this one at once. Rejects where it cannot. */
  readonly mark: (record: RevocationRecord) => Promise<void>
}

/**
 * The revocation endpoint: a client ends a token of its own.
 *
 * 200 means that the token does not live: it was ended, or it was none of ours to begin with. Where that
 * cannot be made sure the answer is 503, and the client must take the token for alive. A token of another
 * client is refused. Opaque tokens and JWTs are ended alike, by a mark on their `jti`.
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
    const { jti, client_id: owner, exp } = token.claims
    if (owner !== clientId) throw new ProtocolError('token_of_another_client', clientId)
    if (!snapshot.revocations.has(`token ${jti}`)) {
      // The token's own end, not the present: its `iat` may be of a node whose clock is ahead.
      const notAfter = Math.ceil(exp) * 1000
      const expiresAt = notAfter + VERIFIER_TOLERANCE
      await mark({ target: 'token', id: jti, notAfter, expiresAt, createdAt: now })
    }
    const { credentialId } = client.credential
    emit({ type: 'token.revoked', at: now, clientId, credentialId, jti })
    return DONE
  })
}

const DONE: Answer = { status: 200, headers: NO_STORE, body: '' }
