import {
  formatChallenges,
  formatErrorResponse,
  formatTokenResponse,
  parseTokenRequest,
  type ScopeToken,
  type TokenRequestFault,
} from '@countersign/protocol'
import {
  authenticateClient,
  type AuthenticatedClient,
} from '../client-authentication/authenticate-client.ts'
import type { AuthenticationMethod } from '../client-authentication/authentication-method.ts'
import type { EventListener } from '../events.ts'
import type { Grant } from '../grants/grant.ts'
import { jsonAnswer, NO_STORE, type Answer } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import { readForm } from '../http/read-form.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import type { SenderConstrainer } from '../tokens/sender-constraint.ts'
import type { TokenIssuer } from '../tokens/token-issuer.ts'

/** What the token endpoint works with. */
export interface TokenEndpointOptions {
  /** The protection space named in a challenge. */
  readonly realm: string
  readonly methods: readonly AuthenticationMethod[]
  readonly grants: readonly Grant[]
  readonly constrain: SenderConstrainer
  readonly issue: TokenIssuer
  readonly snapshot: () => RegistrySnapshot
  readonly now: () => number
  readonly emit: EventListener
}

/**
 * The token endpoint: answers every POST with a token or with the error RFC 6749 has for it.
 *
 * Rejects only where the server itself is at fault. Source: RFC 6749 sections 3.2, 4.4, 5.1 and 5.2.
 */
export function tokenEndpoint(
  options: TokenEndpointOptions,
): (received: Received) => Promise<Answer> {
  const { grants, constrain, issue, snapshot, now, emit } = options
  const grantsByType = new Map(grants.map((grant) => [grant.type, grant]))
  const challenge = formatChallenges([
    { scheme: 'Basic', parameters: new Map([['realm', options.realm]]) },
  ])

  return async (received) => {
    const { request } = received
    let client: AuthenticatedClient | undefined
    try {
      refuseCredentialsInQuery(request.url)
      const form = await readForm(request)
      const at = now()
      const view = snapshot()
      client = await authenticateClient(received, form, {
        methods: options.methods,
        snapshot: view,
        now: at,
      })
      const asked = parseTokenRequest(form)
      if (!asked.ok) throw new ProtocolError(reasonOf(asked))
      const grant = grantsByType.get(asked.value.grantType)
      if (grant === undefined) throw new ProtocolError('grant_type_unsupported')
      const decision = grant.decide(client.registered, asked.value, view)
      // A promise costs a turn of the event loop, so it is awaited only where there is one.
      const bound = constrain(received, client, decision, at)
      const confirmation = bound instanceof Promise ? await bound : bound
      const made = issue({ client, decision, confirmation, now: at })
      const issued = made instanceof Promise ? await made : made
      emit({
        type: 'token.issued',
        at,
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
        scope: decision.scope as readonly ScopeToken[],
        refreshIn: undefined,
      })
      return jsonAnswer(200, body)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const { reason, status, description } = error
      const clientId = error.clientId ?? client?.registered.client.clientId
      emit({ type: 'token.refused', at: now(), reason, error: error.error, status, clientId })
      const body = formatErrorResponse({ error: error.error, description, uri: undefined })
      const headers = status === 401 ? { ...NO_STORE, 'www-authenticate': challenge } : NO_STORE
      return jsonAnswer(status, body, headers)
    }
  }
}

/** What must not stand in a URL: whoever logs requests would log it. RFC 6749 section 2.3.1. */
const BODY_ONLY = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type']

function refuseCredentialsInQuery(url: string): void {
  const mark = url.indexOf('?')
  if (mark === -1) return
  const query = new URLSearchParams(url.slice(mark + 1))
  if (BODY_ONLY.some((name) => query.has(name))) throw new ProtocolError('credentials_in_query')
}

function reasonOf({ error, member }: TokenRequestFault): RefusalReason {
  if (error === 'invalid_scope') return 'scope_malformed'
  if (error === 'invalid_target') return 'resource_malformed'
  return member === 'grant_type' ? 'request_malformed' : 'parameter_repeated'
}
