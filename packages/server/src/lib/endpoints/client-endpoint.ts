import { formatChallenges, formatErrorResponse, type Form } from '@countersign/protocol'
import {
  authenticateClient,
  type VerifiedClient,
} from '../client-authentication/authenticate-client.ts'
import type { AuthenticationMethod } from '../client-authentication/authentication-method.ts'
import type { EventListener, RequestRefused } from '../events.ts'
import type { Answer } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import { errorAnswer, newCorrelationId } from '../http/correlation.ts'
import { readForm } from '../http/read-form.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'

/** What every endpoint works with that clients authenticate at. */
export interface ClientEndpointOptions {
  /** The protection space named in a Basic challenge; `undefined` where Basic is not offered. */
  readonly realm: string | undefined
  readonly methods: readonly AuthenticationMethod[]
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyTimeout: number
  readonly snapshot: () => RegistrySnapshot
  readonly now: () => number
  readonly emit: EventListener
  /**
   * Whether a proof that is good for one use is used up before `answer` is asked, which is the default,
   * or left to it: it must then call `client.useUp` when all else is good, so that a refused request
   * costs the client nothing.
   */
  readonly proof?: 'used_up' | 'for_the_answer'
}

/** A request whose form is read and whose client has proved who it is. */
export interface ClientRequest {
  readonly received: Received
  readonly form: Form
  readonly client: VerifiedClient
  readonly snapshot: RegistrySnapshot
  readonly now: number
}

/**
 * An endpoint for clients: reads the form, authenticates the client, asks `answer`.
 *
 * A `ProtocolError` becomes the error answer of RFC 6749 and an event of type `refusal`; any other
 * failure is the server's own and rejects. Source: RFC 6749 sections 2.3, 3.2.1 and 5.2.
 */
export function clientEndpoint(
  { realm, methods, bodyTimeout, snapshot, now, emit, proof = 'used_up' }: ClientEndpointOptions,
  refusal: RequestRefused['type'],
  answer: (asked: ClientRequest) => Answer | Promise<Answer>,
): (received: Received) => Promise<Answer> {
  const challenge: Readonly<Record<string, string>> =
    realm === undefined
      ? {}
      : {
          'www-authenticate': formatChallenges([
            { scheme: 'Basic', parameters: new Map([['realm', realm]]) },
          ]),
        }
  return async (received) => {
    let client: VerifiedClient | undefined
    try {
      refuseCredentialsInQuery(received.request.url)
      const form = await readForm(received.request, bodyTimeout)
      const at = now()
      const view = snapshot()
      // An await costs a turn of the queue: only where there is something to wait for.
      const found = authenticateClient(received, form, { methods, snapshot: view, now: at })
      client = found instanceof Promise ? await found : found
      if (proof === 'used_up' && client.useUp !== undefined) await client.useUp()
      const answered = answer({ received, form, client, snapshot: view, now: at })
      return answered instanceof Promise ? await answered : answered
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown
      const { reason, error, status, description, detail } = thrown
      const correlationId = newCorrelationId()
      emit({
        type: refusal,
        at: now(),
        reason,
        error,
        status,
        clientId: thrown.clientId ?? client?.registered.client.clientId,
        credentialId: client?.credential.credentialId,
        correlationId,
        detail,
      })
      const members = formatErrorResponse({ error, description, uri: undefined })
      const headers = status === 401 ? { ...thrown.headers, ...challenge } : thrown.headers
      return errorAnswer(status, members, correlationId, headers)
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
