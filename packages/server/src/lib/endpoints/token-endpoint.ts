import {
  formatTokenResponse,
  parseTokenRequest,
  type ScopeToken,
  type TokenRequestFault,
} from '@countersign/protocol'
import type { Grant } from '../grants/grant.ts'
import { jsonAnswer, NO_STORE, type Answer } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { SenderConstrainer } from '../tokens/sender-constraint.ts'
import type { TokenIssuer } from '../tokens/token-issuer.ts'
import { clientEndpoint, type ClientEndpointOptions } from './client-endpoint.ts'

/** What the token endpoint works with. */
export interface TokenEndpointOptions extends ClientEndpointOptions {
  readonly grants: readonly Grant[]
  readonly constrain: SenderConstrainer
  readonly issue: TokenIssuer
}

/**
 * The token endpoint: answers every POST with a token or with the error RFC 6749 has for it.
 *
 * Rejects only where the server itself is at fault. Source: RFC 6749 sections 3.2, 4.4, 5.1 and 5.2.
 */
export function tokenEndpoint(
  options: TokenEndpointOptions,
): (received: Received) => Promise<Answer> {
  const { grants, constrain, issue, emit } = options
  const grantsByType = new Map(grants.map((grant) => [grant.type, grant]))

  const endpoint = { ...options, proof: 'for_the_answer' } as const

  return clientEndpoint(endpoint, 'token.refused', async (asking) => {
    const { received, form, client, snapshot, now } = asking
    const asked = parseTokenRequest(form)
    if (!asked.ok) throw new ProtocolError(reasonOf(asked))
    const grant = grantsByType.get(asked.value.grantType)
    if (grant === undefined) throw new ProtocolError('grant_type_unsupported')
    const decision = grant.decide(client.registered, asked.value, snapshot)
    // A promise costs a turn of the event loop, so it is awaited only where there is one.
    const bound = constrain(received, client, decision, now)
    const binding = bound instanceof Promise ? await bound : bound
    // Last, when all else is good. A promise only where there is something to use up.
    if (client.useUp !== undefined) await client.useUp()
    if (binding?.useUp !== undefined) await binding.useUp()
    const confirmation = binding?.confirmation
    const made = issue({ client, decision, confirmation, now })
    const issued = made instanceof Promise ? await made : made
    emit({
      type: 'token.issued',
      at: now,
      clientId: client.registered.client.clientId,
      credentialId: client.credential.credentialId,
      method: client.method,
      resource: decision.resource.resource,
      scope: decision.scope,
      jti: issued.jti,
      kid: issued.kid,
      expiresAt: issued.expiresAt,
    })
    const body = formatTokenResponse({
      accessToken: issued.token,
      tokenType: issued.tokenType,
      expiresIn: issued.lifetimeSeconds,
      // Where none is granted, there is no text for it: a scope is one word at least.
      scope: decision.scope.length > 0 ? (decision.scope as readonly ScopeToken[]) : undefined,
      refreshIn: undefined,
      ...(decision.authorizationDetails.length > 0 && {
        authorizationDetails: decision.authorizationDetails,
      }),
    })
    return jsonAnswer(
      200,
      body,
      binding === undefined ? NO_STORE : { ...NO_STORE, ...binding.headers },
    )
  })
}

function reasonOf({ error, member }: TokenRequestFault): RefusalReason {
  if (error === 'invalid_scope') return 'scope_malformed'
  if (error === 'invalid_target') return 'resource_malformed'
  if (error === 'invalid_authorization_details') return 'authorization_details_malformed'
  return member === 'grant_type' ? 'request_malformed' : 'parameter_repeated'
}
