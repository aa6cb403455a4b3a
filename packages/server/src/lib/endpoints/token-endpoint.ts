import {
  formatTokenResponse,
  parseTokenRequest,
  type Form,
  type ScopeToken,
  type TokenRequestFault,
} from '@countersign/protocol'
import type { Grant, GrantDecision } from '../grants/grant.ts'
import { oncePerForm } from '../http/remembered-forms.ts'
import { jsonAnswer, NO_STORE, type Answer } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { Binding, SenderConstrainer } from '../tokens/sender-constraint.ts'
import type { IssuedToken, TokenIssuer } from '../tokens/token-issuer.ts'
import {
  clientEndpoint,
  type ClientEndpointOptions,
  type ClientRequest,
} from './client-endpoint.ts'

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

  function answer(
    { client, now }: ClientRequest,
    decision: GrantDecision,
    { issued, binding }: { readonly issued: IssuedToken; readonly binding: Binding | undefined },
  ): Answer {
    const { resource, scope, authorizationDetails } = decision
    emit({
      type: 'token.issued',
      at: now,
      clientId: client.registered.client.clientId,
      credentialId: client.credential.credentialId,
      method: client.method,
      resource: resource.resource,
      scope,
      jti: issued.jti,
      kid: issued.kid,
      expiresAt: issued.expiresAt,
    })
    const body = formatTokenResponse({
      accessToken: issued.token,
      tokenType: issued.tokenType,
      expiresIn: issued.lifetimeSeconds,
      // Where none is granted, there is no text for it: a scope is one word at least.
      scope: scope.length > 0 ? (scope as readonly ScopeToken[]) : undefined,
      refreshIn: undefined,
      ...(authorizationDetails.length > 0 && { authorizationDetails }),
    })
    const headers = binding === undefined ? NO_STORE : { ...NO_STORE, ...binding.headers }
    return jsonAnswer(200, body, headers)
  }

  async function afterBinding(
    asking: ClientRequest,
    decision: GrantDecision,
    bound: Promise<Binding | undefined> | Binding | undefined,
  ): Promise<Answer> {
    const { client, now } = asking
    const binding = await bound
    // Last, when all else is good.
    await client.useUp?.()
    await binding?.useUp?.()
    const confirmation = binding?.confirmation
    const issued = await issue({ client, decision, confirmation, now })
    return answer(asking, decision, { issued, binding })
  }

  const read = oncePerForm(frozenTokenRequest)
  const endpoint = { ...options, proof: 'for_the_answer' } as const

  return clientEndpoint(endpoint, 'token.refused', (asking) => {
    const { received, form, client, snapshot, now } = asking
    const asked = read(form)
    if (!asked.ok) throw new ProtocolError(reasonOf(asked))
    const grant = grantsByType.get(asked.value.grantType)
    if (grant === undefined) throw new ProtocolError('grant_type_unsupported')
    const decision = grant.decide(client.registered, asked.value, snapshot)
    const bound = constrain(received, client, decision, now)
    if (bound !== undefined || client.useUp !== undefined) {
      return afterBinding(asking, decision, bound)
    }
    // A promise costs a turn of the event loop, so there is none where nothing must be waited for.
    const made = issue({ client, decision, confirmation: undefined, now })
    return made instanceof Promise
      ? made.then((issued) => answer(asking, decision, { issued, binding: undefined }))
      : answer(asking, decision, { issued: made, binding: undefined })
  })
}

/** Frozen, since those who come later with the same form get it too. */
function frozenTokenRequest(form: Form): ReturnType<typeof parseTokenRequest> {
  const asked = parseTokenRequest(form)
  if (!asked.ok) return asked
  Object.freeze(asked.value.scope)
  Object.freeze(asked.value.resource)
  return asked
}

function reasonOf({ error, member }: TokenRequestFault): RefusalReason {
  if (error === 'invalid_scope') return 'scope_malformed'
  if (error === 'invalid_target') return 'resource_malformed'
  if (error === 'invalid_authorization_details') return 'authorization_details_malformed'
  return member === 'grant_type' ? 'request_malformed' : 'parameter_repeated'
}
