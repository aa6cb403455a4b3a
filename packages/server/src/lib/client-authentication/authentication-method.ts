import type { Form, JsonObject } from '@countersign/protocol'
import type { Received } from '../http/connection.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { AuthenticationMethodName } from './method-names.ts'
import type { RefusalReason } from '../refusal-reasons.ts'

/** What proofs are judged by, the same for the whole of one request. */
export interface AuthenticationView {
  readonly snapshot: RegistrySnapshot
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * One way for a client to prove who it is: finds its own credentials in a request.
 *
 * Gives `undefined` where the request does not use this way. Throws: `ProtocolError` where it does
 * and the credentials cannot be read.
 */
export type AuthenticationMethod = (
  received: Received,
  form: Form,
  view: AuthenticationView,
) => PresentedProof | undefined

/** What a client presented: a claim to be someone, and the means to check it. */
export interface PresentedProof {
  /** Who the request says it is from; `undefined` where only the proof itself, once verified, tells. */
  readonly clientId: string | undefined
  /**
   * Checks the proof against a client. It is asked for unknown clients too, with `undefined`, and
   * then does the same work, so that the time taken tells nothing.
   */
  verify(client: RegisteredClient | undefined): ProofVerdict | Promise<ProofVerdict>
}

/** Whether a proof holds, by which method and credential. */
export type ProofVerdict =
  | {
      readonly ok: true
      readonly method: AuthenticationMethodName
      readonly credential: CredentialRecord
      /**
       * Uses the proof up, once everything else is verified; gives whether it was the first use. Left
       * out where a proof may be used again.
       */
      readonly useUp?: () => Promise<boolean>
    }
  | { readonly ok: false; readonly reason: RefusalReason; readonly detail?: JsonObject }
