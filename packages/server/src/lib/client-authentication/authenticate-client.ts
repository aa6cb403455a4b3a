import type { Form } from '@countersign/protocol'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { AuthenticationMethod } from './authentication-method.ts'

/** A client that has proved who it is. */
export interface AuthenticatedClient {
  readonly registered: RegisteredClient
  /** What it proved itself with. */
  readonly credential: CredentialRecord
  readonly method: string
}

/**
 * Finds out which client a request comes from. Exactly one method must be used.
 *
 * Throws: `ProtocolError`; its `clientId` is set where the request names a registered client.
 * Source: RFC 6749 sections 2.3 and 3.2.1.
 */
export async function authenticateClient(
  received: Received,
  form: Form,
  {
    methods,
    snapshot,
    now,
  }: {
    readonly methods: readonly AuthenticationMethod[]
    readonly snapshot: RegistrySnapshot
    readonly now: number
  },
): Promise<AuthenticatedClient> {
  // Counted by what the request carries, before any of it is read: a broken second credential is a
  // second one all the same.
  const { request } = received
  const carried =
    Number(request.headers.has('authorization')) +
    Number(form.has('client_secret')) +
    Number(form.has('client_assertion') || form.has('client_assertion_type'))
  if (carried > 1) throw new ProtocolError('several_methods')
  const proof = firstOf(methods, received, form)
  if (proof === undefined) {
    throw new ProtocolError(carried === 0 ? 'credentials_missing' : 'method_unsupported')
  }
  const bodyClientId = form.get('client_id')?.[0]
  if (bodyClientId !== undefined && bodyClientId !== proof.clientId) {
    throw new ProtocolError('client_id_differs')
  }
  const registered = snapshot.clients.get(proof.clientId)
  const verdict = await proof.verify(registered, now)
  if (!verdict.ok) throw new ProtocolError(verdict.reason, registered?.client.clientId)
  if (registered === undefined) throw new ProtocolError('client_unknown')
  if (registered.client.state !== 'active') {
    throw new ProtocolError('client_disabled', registered.client.clientId)
  }
  const { clientId, authenticationMethods } = registered.client
  if (authenticationMethods !== null && !authenticationMethods.includes(proof.method)) {
    throw new ProtocolError('method_not_allowed', clientId)
  }
  const used = await proof.useUp?.()
  if (used !== undefined) throw new ProtocolError(used, clientId)
  return { registered, credential: verdict.credential, method: proof.method }
}

function firstOf(
  methods: readonly AuthenticationMethod[],
  received: Received,
  form: Form,
): ReturnType<AuthenticationMethod> {
  for (const method of methods) {
    const proof = method(received, form)
    if (proof !== undefined) return proof
  }
  return undefined
}
