import type { Form } from '@countersign/protocol'
import type { AuthenticationMethodName } from './method-names.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type {
  AuthenticationMethod,
  AuthenticationView,
  PresentedProof,
  ProofVerdict,
} from './authentication-method.ts'

/** A client that has proved who it is. */
export interface AuthenticatedClient {
  readonly registered: RegisteredClient
  /** What it proved itself with. */
  readonly credential: CredentialRecord
  readonly method: AuthenticationMethodName
}

/** A client whose proof is good, and has not been used up yet. */
export interface VerifiedClient extends AuthenticatedClient {
  /**
   * Uses the proof up; `undefined` where it may be used again. Nothing may be given to the client before
   * this resolves.
   *
   * Throws: `ProtocolError` where it was used before; `ServerError` where nobody can say.
   */
  readonly useUp: (() => Promise<void>) | undefined
}

interface Authentication extends AuthenticationView {
  readonly methods: readonly AuthenticationMethod[]
  readonly snapshot: RegistrySnapshot
}

/**
 * Finds out which client a request comes from. Exactly one method must be used. What is good for one use
 * is left for the caller to use up. A promise only where the proof takes one.
 *
 * Throws and rejects: `ProtocolError`; its `clientId` is set where the request names a registered client.
 * Source: RFC 6749 sections 2.3 and 3.2.1.
 */
export function authenticateClient(
  received: Received,
  form: Form,
  { methods, ...view }: Authentication,
): VerifiedClient | Promise<VerifiedClient> {
  const proof = findProof(methods, view, received, form)
  const bodyClientId = form.get('client_id')?.[0]
  const named = proof.clientId ?? bodyClientId
  if (bodyClientId !== undefined && bodyClientId !== named) {
    throw new ProtocolError('client_id_differs')
  }
  const { clients } = view.snapshot
  const claimed = named === undefined ? undefined : clients.get(named)
  const verdict = proof.verify(claimed)
  const whom = { named, claimed, clients }
  return verdict instanceof Promise
    ? verdict.then((settled) => verifiedClient(settled, whom))
    : verifiedClient(verdict, whom)
}

function verifiedClient(
  verdict: ProofVerdict,
  {
    named,
    claimed,
    clients,
  }: Pick<RegistrySnapshot, 'clients'> & {
    readonly named: string | undefined
    readonly claimed: RegisteredClient | undefined
  },
): VerifiedClient {
  if (!verdict.ok) throw new ProtocolError(verdict.reason, claimed?.client.clientId, verdict.detail)
  const { credential, method, useUp } = verdict
  const registered = clients.get(credential.clientId)
  // Everything from here on rests on what was verified, never on what the request says of itself.
  if (registered === undefined) throw new ProtocolError('client_unknown')
  const { clientId, state, authenticationMethods } = registered.client
  if (named !== undefined && named !== clientId) throw new ProtocolError('client_id_differs')
  if (state !== 'active') throw new ProtocolError('client_disabled', clientId)
  if (authenticationMethods !== null && !authenticationMethods.includes(method)) {
    const detail = { method, allowedMethods: authenticationMethods }
    throw new ProtocolError('method_not_allowed', clientId, detail)
  }
  return {
    registered,
    credential,
    method,
    useUp:
      useUp &&
      (async () => {
        if (!(await useUp())) throw new ProtocolError('assertion_replayed', clientId)
      }),
  }
}

function findProof(
  methods: readonly AuthenticationMethod[],
  view: AuthenticationView,
  received: Received,
  form: Form,
): PresentedProof {
  // Counted by what the request carries, before any of it is read: a broken second credential is a
  // second one all the same.
  const carried =
    Number(received.request.headers.has('authorization')) +
    Number(form.has('client_secret')) +
    Number(form.has('client_assertion') || form.has('client_assertion_type'))
  if (carried > 1) throw new ProtocolError('several_methods')
  for (const method of methods) {
    const proof = method(received, form, view)
    if (proof !== undefined) return proof
  }
  throw new ProtocolError(carried === 0 ? 'credentials_missing' : 'method_unsupported')
}
