import type { AccessTokenClaims, JsonObject } from '@countersign/protocol'
import type { IntrospectionResult } from '../events.ts'
import { jsonAnswer, NO_STORE, type Answer } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import type { DocumentSigner } from '../keys/signed-document.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import type { TokenReader } from '../tokens/genuine-token.ts'
import { tokenEnd } from '../tokens/token-end.ts'
import { clientEndpoint, type ClientEndpointOptions } from './client-endpoint.ts'
import { presentedToken } from './presented-token.ts'

/** What the introspection endpoint works with. */
export interface IntrospectionEndpointOptions extends ClientEndpointOptions {
  readonly issuer: string
  readonly read: TokenReader
  readonly sign: DocumentSigner
}

/** The media type of a signed answer. Source: RFC 9701 section 4. */
const SIGNED_TYPE = 'application/token-introspection+jwt'

/**
 * The introspection endpoint: tells an API whether a token lives and what it says.
 *
 * Only clients named as `introspectionClients` of the token's resource learn anything. For all others,
 * and for whatever is forged, expired, revoked or of something disabled, the answer is
 * `{ "active": false }` and nothing more. Signed where the caller accepts it.
 *
 * Source: RFC 7662 sections 2 and 4; RFC 9701 sections 4 and 5.
 */
export function introspectionEndpoint(
  options: IntrospectionEndpointOptions,
): (received: Received) => Promise<Answer> {
  const { issuer, read, sign, emit } = options
  return clientEndpoint(options, 'introspection.refused', async (asking) => {
    const { received, form, client, snapshot, now } = asking
    const { clientId } = client.registered.client
    const { claims, result } = await introspect(read, presentedToken(form), {
      clientId,
      snapshot,
      now,
    })
    emit({
      type: 'token.introspected',
      at: now,
      clientId,
      credentialId: client.credential.credentialId,
      result,
    })
    const members = claims === undefined ? { active: false } : described(claims)
    if (!acceptsSigned(received.request.headers.get('accept'))) return jsonAnswer(200, members)
    // No `sub` and no `exp` beside these: nobody shall take this for an access token.
    const body = await sign(
      'token-introspection+jwt',
      { iss: issuer, aud: clientId, iat: Math.floor(now / 1000), token_introspection: members },
      now,
    )
    return { status: 200, headers: { 'content-type': SIGNED_TYPE, ...NO_STORE }, body }
  })
}

async function introspect(
  read: TokenReader,
  presented: string,
  asked: {
    readonly clientId: string
    readonly snapshot: RegistrySnapshot
    readonly now: number
  },
): Promise<{ readonly claims?: AccessTokenClaims; readonly result: IntrospectionResult }> {
  const { clientId, snapshot, now } = asked
  const token = await read(presented, snapshot, now)
  if (!token.genuine) return { result: token.reason }
  const { claims } = token
  const mayAsk = claims.aud.some((one) =>
    snapshot.resources.get(one)?.introspectionClients.includes(clientId),
  )
  if (!mayAsk) return { result: 'not_for_caller' }
  const end = tokenEnd(token, snapshot)
  return end === undefined ? { claims, result: 'active' } : { result: end }
}

/** What a token says, as an answer. `active` and `token_type` are ours, whatever the claims hold. */
function described({ all }: AccessTokenClaims): JsonObject {
  const confirmation = all['cnf']
  const bound = typeof confirmation === 'object' && confirmation !== null && 'jkt' in confirmation
  return { ...all, token_type: bound ? 'DPoP' : 'Bearer', active: true }
}

/** Whether an Accept header names the signed form; a wildcard does not. */
function acceptsSigned(accept: string | null): boolean {
  return (accept ?? '').split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return type === SIGNED_TYPE && !parameters.some((one) => /^q=0(?:\.0*)?$/.test(one))
  })
}
